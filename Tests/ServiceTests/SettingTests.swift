import Foundation
import Service
import Testing

@Suite("Configuration and secrets")
struct SettingTests {
  private func read(_ text: String) throws(ServiceError) -> ServiceConfiguration {
    var configuration = ServiceConfiguration()
    try configuration.read(text, file: "/etc/warden/warden.yaml")
    return configuration
  }

  @Test("every key is read, and relative paths are the file's folder's")
  func all() throws {
    let found = try read(
      """
      listen: 0.0.0.0:9000
      dataFolder: data
      mediaFolder: /srv/media
      cameraNetworks: [10.20.0.0/16, 127.0.0.0/8]
      keyFile: key
      threads: 3
      language: zh
      retention: {undecided: never, rejected: 7d, closed: 36h}
      budgets:
        respond: 20
      """)
    #expect(found.listen == "0.0.0.0:9000" && found.threads == 3 && found.language == "zh")
    #expect(found.dataFolder == "/etc/warden/data" && found.mediaFolder == "/srv/media")
    #expect(found.keyPath == "/etc/warden/key")
    #expect(found.cameraNetworks.count == 2)
    #expect(found.retention.undecided == nil && found.retention.rejected == 7 * 86_400)
    #expect(found.retention.closed == 36 * 3600 && found.budgets["respond"] == 20)
  }

  @Test(
    "what is wrong is named with its line",
    arguments: [
      ("listen: 127.0.0.1:8080\nlisten2: x\n", 2), ("threads: 0", 1), ("threads: [1]", 1), ("\n\nlanguage: fr", 3),
      ("cameraNetworks: [10.0.0.0/33]", 1), ("retention: {rejected: soon}", 1), ("listen: nowhere", 1),
      ("budgets: {lunch: 30}", 1), ("threads: 2\n  - : [", 2), ("- a", 1),
    ])
  func wrong(_ text: String, _ line: Int) {
    do throws(ServiceError) {
      _ = try read(text)
      Issue.record("accepted: \(text)")
    } catch {
      #expect(error.description.contains("line \(line)"), "\(error)")
      #expect(error.description.hasPrefix("/etc/warden/warden.yaml"))
    }
  }

  @Test("the environment wins, and what is wrong in it is named by its variable")
  func environment() throws {
    let found = try ServiceConfiguration(
      file: nil,
      environment: [
        "WARDEN_LISTEN": "127.0.0.1:7000", "WARDEN_RETENTION_REJECTED": "2d",
        "WARDEN_CAMERA_NETWORKS": "10.0.0.0/8,127.0.0.1",
        "WARDEN_OTHER": "x",
      ])
    #expect(found.listen == "127.0.0.1:7000" && found.retention.rejected == 2 * 86_400)
    #expect(found.cameraNetworks.count == 2)
    do throws(ServiceError) {
      _ = try ServiceConfiguration(file: nil, environment: ["WARDEN_THREADS": "many"])
      Issue.record("accepted")
    } catch { #expect(error.description.contains("WARDEN_THREADS")) }
  }

  @Test("a sealed password opens with its key and for its camera alone")
  func sealing() throws {
    let secrets = Secrets(key: [UInt8](repeating: 7, count: 32))
    let sealed = secrets.seal("p@ss", for: "cam-1")
    #expect(secrets.open(sealed, for: "cam-1") == "p@ss")
    #expect(secrets.open(secrets.seal("", for: "a"), for: "a") == "")
    #expect(secrets.open(sealed, for: "cam-2") == nil)
    #expect(Secrets(key: [UInt8](repeating: 8, count: 32)).open(sealed, for: "cam-1") == nil)
    for index in sealed.indices {
      var broken = sealed
      broken[index] ^= 1
      #expect(secrets.open(broken, for: "cam-1") == nil)
    }
    #expect(secrets.seal("p@ss", for: "cam-1") != sealed)
  }

  @Test("a hash holds its parameters, differs each time and knows its password alone")
  func hashing() async {
    let hasher = PasswordHasher()
    let hash = await hasher.hash("seven-green-trams")
    #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
    #expect(await hasher.hash("seven-green-trams") != hash)
    #expect(await hasher.verify("seven-green-trams", hash))
    #expect(await !hasher.verify("seven-green-tram", hash))
    #expect(await !hasher.verify("seven-green-trams", nil))
    #expect(!hasher.needsRehash(hash))
  }

  @Test(
    "cells come back as they were written, and none is a formula",
    arguments: ["a", "", "a,b", "a \"quoted\" one", "two\nlines", "=1+1", "+1", "-1", "@x", "\tx", "车辆"])
  func cells(_ text: String) throws {
    let rows = try CSV.read(Array(CSV.line([text, "end"]).utf8))
    #expect(rows.count == 1)
    let cell = try #require(rows.first?.cells.first)
    #expect(cell == text || cell == "'" + text)
    #expect(!"=+-@\t".contains(cell.first ?? "x"))
  }

  @Test("a quotation mark that does not end is refused by its line")
  func quotes() {
    #expect(throws: CSVError.self) { try CSV.read(Array("a,b\n\"c,d\n".utf8)) }
    #expect(throws: CSVError.self) { try CSV.read([0x61, 0xff, 0x0a]) }
  }
}
