import CaseStore
import Formats
import Foundation
import Glibc
import Hummingbird
import Logging
import NIOCore
public import ObjectDetection
import Pipeline
import ServiceLifecycle
import UnixSignals
import Video

/// `warden serve`: cameras watched, warnings stored, the console and its API served, until a signal ends it.
public struct WardenService: Sendable {
  private let configuration: ServiceConfiguration
  private let store: CaseStore
  private let secrets: Secrets
  private let hasher: PasswordHasher
  private let lock: FolderLock
  private let log: Logger

  /// Opens the data folder and the database.
  public init(_ configuration: ServiceConfiguration) throws(ServiceError) {
    self.configuration = configuration
    var log = Logger(label: "warden") { StreamLogHandler.standardError(label: $0) }
    log.logLevel =
      ProcessInfo.processInfo.environment["WARDEN_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .info
    self.log = log
    lock = try FolderLock(configuration.dataFolder)
    secrets = try Secrets(keyFile: configuration.keyPath)
    store = try Self.openStore(configuration)
    hasher = PasswordHasher()
  }

  private static func openStore(_ configuration: ServiceConfiguration) throws(ServiceError) -> CaseStore {
    do throws(StoreError) { return try CaseStore(folder: configuration.dataFolder) } catch {
      throw .outside("\(configuration.dataFolder)/warden.sqlite: \(error)")
    }
  }

  /// Adds a person to a data folder, while the service runs or not.
  ///
  /// - Returns: the random password, to be shown once.
  public static func addUser(
    _ name: String, role: String, configuration: ServiceConfiguration
  ) async throws(ServiceError) -> String {
    guard let role = Role(rawValue: role) else {
      throw .input("--role takes one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    guard let name = API.checkedUserName(name) else {
      throw .input("NAME takes 1 to 64 letters, digits, dashes, dots and underscores")
    }
    try FolderLock.prepare(configuration.dataFolder)
    let store = try openStore(configuration)
    let password = Secrets.password()
    do throws(StoreError) { try await add(name, role, password, to: store) } catch {
      if case .conflict(let sentence) = error { throw .input(sentence) }
      throw .outside("\(error)")
    }
    return password
  }

  private static func add(_ name: String, _ role: Role, _ password: String, to store: CaseStore)
    async throws(StoreError)
  {
    let now = Date().timeIntervalSince1970
    let hash = await PasswordHasher().hash(password)
    try await store.add(
      Person(name: name, role: role, password: hash, mustChange: true, createdAt: now), Act(by: "command line", at: now)
    )
  }

  /// Runs until SIGTERM or SIGINT.
  ///
  /// - Parameter announce: gets the lines for whoever started it: the address, and at first start the administrator's
  ///   password.
  public func run(detector: Detector, announce: @escaping @Sendable (String) -> Void) async throws {
    if try await store.people().isEmpty {
      let password = Secrets.password()
      try await Self.add("admin", .administrator, password, to: store)
      announce("First start: log in as admin with the password \(password) (shown once; you choose your own then).")
    }
    guard let endpoint = configuration.endpoint else { throw ServiceError.input("listen: address:port is expected") }
    let console = ConsoleFiles()
    if !console.isFound { log.warning("the console's files are not found; the API alone is served") }
    let addresses = AddressGuard(networks: configuration.cameraNetworks, mediaFolder: configuration.mediaFolder)
    let watch = CameraWatch(
      store: store, secrets: secrets, addresses: addresses,
      detector: SharedDetector(detector, workers: configuration.threads),
      keeper: StoreKeeper(store: store, dataFolder: configuration.dataFolder, log: log), log: log)
    let api = API(
      store: store, configuration: configuration, secrets: secrets, hasher: hasher, addresses: addresses,
      cameras: watch.cameras, prober: StreamProber(), console: console, log: log,
      clock: { Date().timeIntervalSince1970 }, reconcile: { await watch.reconcile() })
    let retention = Retention(store: store, configuration: configuration, log: log)
    let shown = configuration.listen
    let application = Application(
      responder: api.responder(),
      server: .http1(configuration: .init(idleTimeout: .seconds(120))),
      configuration: .init(address: .hostname(endpoint.host, port: endpoint.port), serverName: nil),
      onServerRunning: { channel in
        announce("Listening on http://\(channel.localAddress?.port.map { "\(endpoint.host):\($0)" } ?? shown)")
      },
      logger: log)
    let services = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(service: watch), .init(service: retention), .init(service: application),
        ], gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
    do { try await services.run() } catch let error as ServiceError { throw error } catch {
      throw ServiceError.outside("the service at \(shown) failed: \(error)")
    }
    withExtendedLifetime(lock) {}
  }
}

/// Holds a data folder for one service.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Makes the folder, for its owner alone.
  static func prepare(_ folder: String) throws(ServiceError) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch { throw .outside("\(folder) cannot be made: \(error.localizedDescription)") }
  }

  init(_ folder: String) throws(ServiceError) {
    try Self.prepare(folder)
    let path = folder + "/warden.lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .outside("\(path) cannot be written: \(String(cString: strerror(errno)))") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .outside("\(folder) is in use by another warden serve")
    }
  }

  deinit { close(descriptor) }
}

/// Keeps the cameras under watch those that are registered.
final class CameraWatch: ServiceLifecycle.Service {
  let cameras = LiveCameras()
  private let store: CaseStore
  private let secrets: Secrets
  private let addresses: AddressGuard
  private let detector: SharedDetector
  private let keeper: any LiveKeeper
  private let gate = OpeningGate()
  private let turns = Turns()
  private let log: Logger

  init(
    store: CaseStore, secrets: Secrets, addresses: AddressGuard, detector: SharedDetector, keeper: any LiveKeeper,
    log: Logger
  ) {
    self.store = store
    self.secrets = secrets
    self.addresses = addresses
    self.detector = detector
    self.keeper = keeper
    self.log = log
  }

  func run() async throws {
    await reconcile()
    try? await gracefulShutdown()
    await cameras.stop()
  }

  /// Brings the watched cameras in line with the registered ones; one such pass at a time, so that the last one wins.
  func reconcile() async { await turns.take { await self.align() } }

  private func align() async {
    let entries: [CameraEntry]
    do throws(StoreError) { entries = try await store.cameras() } catch {
      log.error("the cameras are not read: \(error)")
      return
    }
    await cameras.keepOnly(Set(entries.map(\.id)))
    for entry in entries {
      var mark = Hasher()
      mark.combine(entry.url)
      mark.combine(entry.username)
      mark.combine(entry.secret)
      mark.combine(entry.zones)
      mark.combine(entry.clock)
      mark.combine(entry.sampleRate)
      await cameras.watch(entry.id, mark: mark.finalize()) { camera(entry) }
    }
  }

  private func camera(_ entry: CameraEntry) -> LiveCamera {
    let password = entry.secret.flatMap { secrets.open($0, for: entry.id) }
    let isUnreadable = entry.secret != nil && password == nil
    return LiveCamera(entry.document, detector: detector, gate: gate, keeper: keeper) {
      [addresses] () async throws(VideoError) -> SourceAddress in
      guard !isUnreadable else {
        throw VideoError(
          .badAddress("has a stored password that this key file does not open; enter it again"), source: entry.id)
      }
      return try await addresses.check(entry.url, user: entry.username, password: password)
    }
  }
}

/// Runs one thing after the other, in the order in which they came.
private actor Turns {
  private var last: Task<Void, Never>?

  func take(_ body: @escaping @Sendable () async -> Void) async {
    let previous = last
    let task = Task {
      await previous?.value
      await body()
    }
    last = task
    await task.value
  }
}

/// Deletes what is decided and old enough, each hour, and names it in the log.
struct Retention: ServiceLifecycle.Service {
  let store: CaseStore
  let configuration: ServiceConfiguration
  let log: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await sweep(at: Date().timeIntervalSince1970)
        try? await Task.sleep(for: .seconds(3600))
      }
    }
  }

  func sweep(at now: Double) async {
    let keep = configuration.retention
    do throws(StoreError) {
      let removed = try await store.retire(
        undecidedBefore: keep.undecided.map { now - $0 }, rejectedBefore: keep.rejected.map { now - $0 },
        closedBefore: keep.closed.map { now - $0 }, Act(by: "warden", at: now))
      let evidence = EvidenceFolder(dataFolder: configuration.dataFolder)
      for warning in removed.warnings {
        evidence.remove(warning)
        log.notice("retention: \(warning) and its evidence are deleted")
      }
      if removed.suppressed > 0 { log.notice("retention: \(removed.suppressed) suppressed candidates are deleted") }
      try await store.forgetSessions(openedBefore: now - API.longestSession, seenBefore: now - API.longestPause)
    } catch { log.error("retention failed: \(error)") }
  }
}
