// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: warnings are errors, imports are private unless said otherwise.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house: a library target in `Sources/NAME`.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

/// The kernels' one source (`Sources/Kernels`, linked into `Sources/NAME`), compiled once more for a newer instruction set.
func kernels(_ name: String, define: String, clang: [String]) -> Target {
  .target(
    name: name,
    dependencies: ["KernelInterface", "CProcessor"],
    swiftSettings: strict + [.define(define), .unsafeFlags(clang.flatMap { ["-Xcc", $0] })]
  )
}

/// The tests of a room, in `Tests/NAMETests`.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: strict)
}

let wideKernels: [Target] = [
  kernels("KernelsAVX2", define: "ISA_AVX2", clang: ["-march=x86-64-v3"]),
  kernels("KernelsAVX512", define: "ISA_AVX512", clang: ["-march=x86-64-v4"]),
]

let package = Package(
  name: "warden",
  products: [.executable(name: "warden", targets: ["warden"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CFFmpeg", pkgConfig: "libavformat",
      providers: [.apt(["libavformat-dev", "libavcodec-dev", "libswscale-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .target(name: "CProcessor"),
    room("Geometry"),
    room("Observation", ["Geometry"]),
    room("Formats", ["Geometry"]),
    room("Statistics"),
    room("Evaluation", ["Assignment", "Statistics", "Formats", "Geometry"]),
    room("Video", ["CFFmpeg"]),
    room("KernelInterface"),
    room("Kernels", ["KernelInterface", "CProcessor"]),
    room(
      "Inference",
      [
        "KernelInterface", "Kernels", "CProcessor",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ] + wideKernels.map { .byName(name: $0.name) }),
    room("ObjectDetection", ["Inference", "KernelInterface", "Video", "Formats", "Observation", "Geometry"]),
    room("Assignment"),
    room("Tracking", ["Assignment", "Geometry", "Observation"]),
    room("Rules", ["Assignment", "Tracking", "Observation", "Formats", "Geometry"], exclude: ["README.md"]),
    room("Evidence", ["Video", "Rules", "Formats", "Observation", "Geometry"]),
    room(
      "Pipeline",
      [
        "Video", "Inference", "ObjectDetection", "Tracking", "Rules", "Evidence", "Evaluation", "Formats",
        "Observation", "Geometry",
      ]),
    room(
      "CaseStore", ["Formats", "Geometry", .product(name: "GRDB", package: "GRDB.swift")]),
    .target(
      name: "Service",
      dependencies: [
        "CaseStore", "Pipeline", "Evaluation", "Evidence", "Rules", "ObjectDetection", "Video", "Statistics", "Formats",
        "Observation", "Geometry", "CSodium",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["Console"], swiftSettings: strict),
    .executableTarget(
      name: "warden",
      dependencies: [
        "Service", "Pipeline", "Evaluation", "Evidence", "Rules", "ObjectDetection", "Inference", "Video", "Formats",
        "Observation", "Geometry",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "network-runner", dependencies: ["Inference"], path: "Benchmarks/Inference/network-runner",
      swiftSettings: strict),
    .target(
      name: "KernelChecks",
      dependencies: ["KernelInterface", "Kernels", "CProcessor"] + wideKernels.map { .byName(name: $0.name) },
      path: "Tests/KernelChecks", swiftSettings: strict),
    .executableTarget(
      name: "kernel-selftest", dependencies: ["KernelChecks", "KernelInterface"], path: "Tests/kernel-selftest",
      swiftSettings: strict),
    .executableTarget(
      name: "rules-benchmark",
      dependencies: ["Pipeline", "ObjectDetection", "Rules", "Observation", "Video", "Formats"],
      path: "Benchmarks/Rules", exclude: ["README.md"], swiftSettings: strict),
    .executableTarget(
      name: "kernel-benchmark", dependencies: ["KernelChecks", "KernelInterface", "CProcessor"],
      path: "Benchmarks/Kernels", swiftSettings: strict),
    .executableTarget(
      name: "evaluation-benchmark", dependencies: ["Evaluation", "Statistics", "Formats", "Geometry"],
      path: "Benchmarks/Evaluation", exclude: ["results"], swiftSettings: strict),
    tests("Geometry"),
    tests("Formats", ["Geometry"]),
    tests("Statistics"),
    tests("Evaluation", ["Statistics", "Formats", "Geometry"]),
    tests("Video"),
    tests("KernelInterface", ["KernelChecks"]),
    .testTarget(
      name: "InferenceTests", dependencies: ["Inference", "KernelInterface"], exclude: ["Goldens"],
      swiftSettings: strict),
    tests("ObjectDetection", ["Inference", "KernelInterface", "Video", "Formats", "Observation", "Geometry"]),
    tests("Assignment"),
    tests("Tracking", ["Geometry", "Observation"]),
    tests("Rules", ["Tracking", "Observation", "Formats", "Geometry"]),
    tests("Evidence", ["Video", "Observation", "Geometry", "Formats", "Rules"]),
    tests("CaseStore", ["Formats", "Geometry"]),
    tests(
      "Service",
      [
        "CaseStore", "Pipeline", "Video", "Formats", "Geometry",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(name: "WardenTests", dependencies: ["warden"], swiftSettings: strict),
    tests(
      "Pipeline",
      ["Video", "Formats", "Rules", "Observation", "Geometry", "Evidence", "ObjectDetection", "Evaluation"]),
  ] + wideKernels,
  swiftLanguageModes: [.v6]
)
