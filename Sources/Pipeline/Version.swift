/// The version of warden that documents name.
public let wardenVersion = "0.1.0"
