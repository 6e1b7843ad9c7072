package import CaseStore
package import Formats
import Foundation
package import Logging
package import Pipeline

/// Keeps what live cameras find in the store and the evidence folder.
///
/// A warning's stills are on the disk before its row is, and its row before anyone is told. What the store does not take at once
/// is tried again until it does: a camera waits rather than lose a warning.
package struct StoreKeeper: LiveKeeper {
  private let store: CaseStore
  private let evidence: EvidenceFolder
  private let log: Logger

  package init(store: CaseStore, dataFolder: String, log: Logger) {
    self.store = store
    evidence = EvidenceFolder(dataFolder: dataFolder)
    self.log = log
  }

  private var now: Double { Date().timeIntervalSince1970 }

  package func keep(_ warning: WarningRecord, zone: Zone?, of camera: String, mediaStart: Double) async {
    let times =
      warning.times
      ?? ClockTimes(
        start: mediaStart + (warning.start ?? warning.alert), due: mediaStart + (warning.due ?? warning.alert),
        alert: mediaStart + warning.alert, end: warning.end.map { mediaStart + $0 })
    let stored = StoredWarning(warning, camera: camera, zone: zone, times: times, mediaStart: mediaStart)
    let isNew = await insist("warning \(warning.id)") { () async throws(StoreError) in
      try await store.record(stored, at: now)
    }
    if isNew == true { log.notice("\(camera): warning \(warning.id), \(warning.type.rawValue)") }
  }

  package func keep(_ stills: [(name: String, jpeg: [UInt8])], of warning: String) async -> [String] {
    var names: [String] = []
    for still in stills {
      do throws(OutputError) {
        try evidence.write(still.jpeg, as: still.name, for: warning)
        names.append(still.name)
      } catch { log.error("\(warning): \(still.name) is lost: \(error)") }
    }
    return names
  }

  package func clipPath(of warning: String) -> String {
    evidence.prepare(warning)
    return evidence.path(of: "clip.mp4", for: warning)
  }

  package func keepClip(of warning: String) async {
    await insist("the clip of \(warning)") { () async throws(StoreError) in
      try await store.addEvidence(EvidenceFiles(clip: "clip.mp4"), to: warning, at: now)
    }
  }

  package func keep(_ suppressed: SuppressedRecord, of camera: String, mediaStart: Double) async {
    var record = suppressed
    record.start += mediaStart
    record.end = record.end.map { $0 + mediaStart }
    let stored = StoredSuppressed(record, camera: camera, zoneName: nil)
    await insist("a candidate of \(camera)") { () async throws(StoreError) in try await store.record(stored) }
  }

  package func keep(_ state: LiveState, of camera: String) async {
    do throws(StoreError) { try await store.saveRuleState(state.bytes(), of: camera, at: now) } catch {
      log.error("\(camera): the rules' state is not saved: \(error)")
    }
  }

  package func state(of camera: String) async -> LiveState? {
    do throws(StoreError) {
      guard let bytes = try await store.ruleState(of: camera) else { return nil }
      return LiveState(bytes)
    } catch {
      log.error("\(camera): the rules' state is not read: \(error)")
      return nil
    }
  }

  package func lasting(of camera: String) async -> [LastingWarning] {
    do throws(StoreError) {
      return try await store.lasting(of: camera, since: now - 86_400).map {
        LastingWarning(id: $0.id, type: $0.type, zone: $0.zone, box: $0.box, times: $0.times)
      }
    } catch { return [] }
  }

  package func keep(_ frame: CameraDocument.Frame, of camera: String) async {
    do throws(StoreError) { try await store.setFrame(frame, of: camera) } catch {
      log.error("\(camera): the picture's size is not stored: \(error)")
    }
  }

  package func keep(_ health: CameraHealth, of camera: String) async {
    log.info("\(camera): \(health.state.rawValue)\(health.detail.map { ": " + $0 } ?? "")")
    let data = JSONWriter.line(.object(["camera": .string(camera), "health": health.node]))
    try? await store.tell("health", camera, data: String(decoding: data, as: UTF8.self), at: now)
  }

  package func note(_ sentence: String, of camera: String) { log.notice("\(camera): \(sentence)") }

  /// Tries until the store takes it, or can never take it, or the task ends.
  @discardableResult
  private func insist<R>(_ what: String, _ body: () async throws(StoreError) -> R) async -> R? {
    var wait = 0.2
    while true {
      do throws(StoreError) { return try await body() } catch {
        log.error("\(what) is not stored: \(error)")
        switch error {
        case .busy, .failed: break
        // Its camera or warning was taken away meanwhile, or it breaks a rule of the schema: no later try will do.
        case .notFound, .conflict, .invalid: return nil
        }
      }
      // A camera whose watch ends still stores what it has found.
      guard !Task.isCancelled || wait < 1 else { return nil }
      try? await Task.sleep(for: .seconds(wait))
      wait = min(10, wait * 2)
    }
  }
}
