import Testing
import Video

@Suite("source address")
struct SourceAddressTests {
  @Test(
    "user and password may hold anything, and are told apart from host and path",
    arguments: [
      ("rtsp://cam/s", nil, nil, "rtsp://cam/s"),
      ("rtsp://a:b@10.0.0.1:554/s?x=1", "a", "b", "rtsp://a:b@10.0.0.1:554/s?x=1"),
      ("rtsp://admin:admin@123@192.168.1.120/s", "admin", "admin@123", "rtsp://admin:admin%40123@192.168.1.120/s"),
      ("rtsp://a:p@ss:w/o?r#d%@cam:8554/s", "a", "p@ss:w/o?r#d%", "rtsp://a:p%40ss%3Aw%2Fo%3Fr%23d%25@cam:8554/s"),
      ("rtsp://a:p%40ss@cam/s", "a", "p@ss", "rtsp://a:p%40ss@cam/s"),
      ("rtsp://cam/s@x", nil, nil, "rtsp://cam/s@x"),
      ("http://[fe80::1]:80/a", nil, nil, "http://[fe80::1]:80/a"),
      ("HTTP://Cam", nil, nil, "http://Cam/"),
    ] as [(String, String?, String?, String)])
  func credentials(text: String, user: String?, password: String?, opened: String) throws {
    let address = try SourceAddress(text)
    #expect(address.user == user)
    #expect(address.password == password)
    #expect(address.opened == opened)
    if let password {
      #expect(!address.description.contains(password))
      #expect(!address.description.contains("@"))
    }
  }

  @Test("what is shown has no user, password or query")
  func shown() throws {
    let address = try SourceAddress("rtsp://a:secret@cam:554/live?user=a&password=secret")
    #expect(address.description == "rtsp://cam:554/live?…")
    #expect(try SourceAddress("rtsp://x:y@cam/s", user: "a", password: "b").opened == "rtsp://a:b@cam/s")
  }

  @Test(
    "what is no address or file is refused, and the text not repeated",
    arguments: [
      "", "ftp://a:secret@host/x", "rtsp://", "rtsp://a:secret@/s", "rtsp://cam:99999/s", "rtsp://cam:x/s",
      "rtsp://a:secret@cam\\@x/s", "rtsp://ca m/s", "rtsp://a:secret@cam/s\n", "rtsp://[::1/s", "rtsp://[cam]/s",
    ])
  func refused(text: String) {
    #expect {
      try SourceAddress(text)
    } throws: { error in
      guard let error = error as? VideoError, case .badAddress = error.kind else { return false }
      return error.isInputFault && !error.description.contains("secret")
    }
  }

  @Test("paths stay as they are", arguments: ["a.mp4", "/x/a b.mp4", "./c:d.mp4", "concat:a.ts|b.ts", "a@b/c.mp4"])
  func paths(text: String) throws {
    let address = try SourceAddress(text)
    #expect(address.scheme == .file)
    #expect(address.path == text)
    #expect(address.description == text)
  }
}
