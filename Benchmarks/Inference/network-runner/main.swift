// Runs networks for the scripts of `scripts/onnx` and `Benchmarks/Inference`.
//
//   network-runner cases FOLDER            each folder within: model.onnx, input_N.bin → output_N.bin, output_N.txt; a line each
//   network-runner serve MODEL [THREADS]   for each line with a number: that many runs, on one line their milliseconds
//                                         on the clock and of this thread's processor time, WALL:CPU
//   network-runner profile MODEL [RUNS]    a line for each step
//   network-runner describe MODEL          the plan
//
// Shapes of open inputs: WARDEN_INPUT_SHAPES="name=1,3,416,416;…".

import FoundationEssentials
import Glibc
import Inference

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  print("usage: network-runner cases|serve|profile|describe PATH [NUMBER]")
  exit(2)
}

let number = arguments.count > 3 ? Int(arguments[3]) : nil

func configuration(threads: Int = 1) -> Network.Configuration {
  var configuration = Network.Configuration(threads: threads)
  for entry in (ProcessInfo.processInfo.environment["WARDEN_INPUT_SHAPES"] ?? "").split(separator: ";") {
    let parts = entry.split(separator: "=")
    if parts.count == 2 {
      configuration.inputShapes[String(parts[0])] = parts[1].split(separator: ",").compactMap { Int($0) }
    }
  }
  return configuration
}

func load(_ path: String, threads: Int = 1) -> Network {
  do {
    return try Network(contentsOf: path, configuration: configuration(threads: threads))
  } catch {
    print("error: \(error)")
    exit(1)
  }
}

func milliseconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
}

/// A pattern without denormal numbers.
func fill(_ executor: Executor) {
  for (index, input) in executor.network.inputs.enumerated() where input.elementType == .float32 {
    executor.withInput(index) { span in
      for i in span.indices { span[i] = Float((i * 7919) % 255) / 64 - 2 }
    }
  }
}

func runCase(_ folder: URL) -> String {
  do {
    let network = try Network(contentsOf: folder.appending(path: "model.onnx").path)
    let executor = network.makeExecutor()
    for index in network.inputs.indices {
      let data = try Data(contentsOf: folder.appending(path: "input_\(index).bin"))
      var fits = false
      executor.withInputBytes(index) { bytes in
        fits = bytes.count == data.count
        if fits { data.copyBytes(to: bytes) }
      }
      guard fits else { return "error: input \(index) has \(data.count) bytes" }
    }
    executor.run()
    for (index, output) in network.outputs.enumerated() {
      var data = Data()
      executor.withOutputBytes(index) { data = Data($0) }
      try data.write(to: folder.appending(path: "output_\(index).bin"))
      let text = ([output.elementType.rawValue] + output.shape.map(String.init)).joined(separator: " ")
      try Data(text.utf8).write(to: folder.appending(path: "output_\(index).txt"))
    }
    return "ok"
  } catch {
    return "error: \(error)"
  }
}

switch arguments[1] {
case "cases":
  let folder = URL(filePath: arguments[2])
  for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
    print("\(name)\t\(runCase(folder.appending(path: name)))")
    fflush(nil)
  }
case "serve":
  let executor = load(arguments[2], threads: number ?? 1).makeExecutor()
  fill(executor)
  print("ready")
  fflush(nil)
  while let line = readLine(), let runs = Int(line) {
    var times: [String] = []
    for _ in 0..<runs {
      let (start, work) = (milliseconds(), milliseconds(CLOCK_THREAD_CPUTIME_ID))
      executor.run()
      times.append("\(milliseconds() - start):\(milliseconds(CLOCK_THREAD_CPUTIME_ID) - work)")
    }
    print(times.joined(separator: " "))
    fflush(nil)
  }
case "profile":
  let executor = load(arguments[2]).makeExecutor()
  fill(executor)
  let steps = executor.profile(runs: number ?? 100)
  var total = 0.0
  for (index, step) in steps.enumerated() {
    total += step.microseconds
    let rate = 2e-3 * Double(step.multiplyAdds) / step.microseconds
    print(
      index, step.operatorType, step.shape.map(String.init).joined(separator: "x"),
      (step.microseconds * 10).rounded() / 10,
      "us", step.multiplyAdds == 0 ? "" : "\((rate * 10).rounded() / 10) Gflop/s", step.note, step.name)
  }
  print("sum \((total * 10).rounded() / 10) us")
case "describe":
  let network = load(arguments[2])
  print(network.describe(), terminator: "")
  print(
    "parameters \(network.parameterCount), multiply-adds \(network.multiplyAdds), arena \(network.arenaBytes) bytes")
default:
  print("unknown command \(arguments[1])")
  exit(2)
}
