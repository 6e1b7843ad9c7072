import Inference
import Testing

/// A random network of what the blocked layout has to do with.
struct RandomNetwork {
  private var builder = ModelBuilder()
  private var random: SeededGenerator
  private var values: [(name: String, shape: [Int])]

  static func model(seed: UInt64) -> [UInt8] {
    var network = RandomNetwork(seed: seed)
    for _ in 0..<14 { network.addLayer() }
    for value in network.values.suffix(3) { network.builder.output(value.name) }
    return network.builder.model()
  }

  private init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    let channels = [1, 3, 5, 16, 20].randomElement(using: &random)!
    let shape = [1, channels, Int.random(in: 5...17, using: &random), Int.random(in: 5...19, using: &random)]
    builder.input("x", shape)
    values = [("x", shape)]
  }

  private mutating func addLayer() {
    // Recent values more often than old ones.
    let x = Bool.random(using: &random) ? values[values.count - 1] : values.randomElement(using: &random)!
    let (c, h, w) = (x.shape[1], x.shape[2], x.shape[3])
    switch Int.random(in: 0..<16, using: &random) {
    case 0, 1: addConvolution(x, kernel: 1)
    case 2: addConvolution(x, kernel: 3)
    case 3: addConvolution(x, kernel: [3, 5].randomElement(using: &random)!, group: c)
    case 4: if c % 4 == 0 { addConvolution(x, kernel: 3, group: [2, 4].randomElement(using: &random)!) }
    case 5:
      let kinds: [(String, [ModelBuilder.Attribute])] = [
        ("Relu", []), ("LeakyRelu", [.float("alpha", 0.1)]), ("HardSwish", []), ("Sigmoid", []), ("Tanh", []),
        ("HardSigmoid", [.float("alpha", 0.3)]),
      ]
      let (kind, attributes) = kinds.randomElement(using: &random)!
      append(builder.node(kind, [x.name], attributes), x.shape)
    case 6: append(builder.node("Mul", [x.name, builder.node("Sigmoid", [x.name])]), x.shape)
    case 7:
      var parameters = (0..<3).map { _ in builder.constant(random.floats(c), [c]) }
      parameters.append(builder.constant(random.floats(c).map { abs($0) + 0.5 }, [c]))
      append(builder.node("BatchNormalization", [x.name] + parameters), x.shape)
    case 8:
      let peers = values.filter { $0.shape[2...] == x.shape[2...] }
      let y = peers.randomElement(using: &random)!
      append(builder.node("Concat", [x.name, y.name], [.int("axis", 1)]), [1, c + y.shape[1], h, w])
    case 9:
      guard c > 1 else { return }
      let first = Int.random(in: 0..<c - 1, using: &random)
      let end = Int.random(in: first + 1...c, using: &random)
      let bounds = [[first], [end], [1]].map { builder.constant(ints: $0) }
      append(builder.node("Slice", [x.name] + bounds), [1, end - first, h, w])
    case 10:
      guard c % 2 == 0 else { return }
      let split = builder.node("Reshape", [x.name, builder.constant(ints: [1, 2, c / 2, h, w])])
      let turned = builder.node("Transpose", [split], [.ints("perm", [0, 2, 1, 3, 4])])
      append(builder.node("Reshape", [turned, builder.constant(ints: [1, -1, h, w])]), x.shape)
    case 11:
      let peers = values.filter { $0.shape == x.shape }
      let kind = ["Add", "Mul", "Sub", "Max"].randomElement(using: &random)!
      append(builder.node(kind, [x.name, peers.randomElement(using: &random)!.name]), x.shape)
    case 12:
      let mean = builder.node("GlobalAveragePool", [x.name])
      let weights = builder.constant(random.floats(c * c, 0.3), [c, c, 1, 1])
      let gate = builder.node("HardSigmoid", [builder.node("Conv", [mean, weights])])
      append(builder.node("Mul", [gate, x.name]), x.shape)
    case 13:
      guard h > 3, w > 3 else { return }
      let average = Bool.random(using: &random)
      let step = Int.random(in: 1...2, using: &random)
      let attributes: [ModelBuilder.Attribute] = [
        .ints("kernel_shape", [3, 3]), .ints("strides", [step, step]), .ints("pads", [1, 0, 1, 1]),
      ]
      let name = builder.node(average ? "AveragePool" : "MaxPool", [x.name], attributes)
      append(name, [1, c, (h - 1) / step + 1, (w - 2) / step + 1])
    case 14:
      guard h < 24, w < 24 else { return }
      let linear = Bool.random(using: &random)
      let scales = builder.constant([1, 1, 2, 2], [4])
      let modes: [ModelBuilder.Attribute] = [
        .string("mode", linear ? "linear" : "nearest"),
        .string("coordinate_transformation_mode", linear ? "half_pixel" : "asymmetric"),
        .string("nearest_mode", "floor"),
      ]
      append(builder.node("Resize", [x.name, "", scales], modes), [1, c, 2 * h, 2 * w])
    default:
      let kind = ["Add", "Mul", "Sub", "Div"].randomElement(using: &random)!
      let constant = builder.constant(random.floats(c).map { $0 + 1.5 }, [c, 1, 1])
      append(builder.node(kind, [x.name, constant]), x.shape)
    }
  }

  private mutating func addConvolution(_ x: (name: String, shape: [Int]), kernel k: Int, group: Int = 1) {
    let (c, h, w) = (x.shape[1], x.shape[2], x.shape[3])
    let step = k == 1 ? 1 : Int.random(in: 1...2, using: &random)
    let dilation = k == 3 ? Int.random(in: 1...2, using: &random) : 1
    let pads = (0..<4).map { _ in k == 1 ? 0 : Int.random(in: 0...2, using: &random) }
    let reach = (k - 1) * dilation + 1
    let (spareY, spareX) = (h + pads[0] + pads[2] - reach, w + pads[1] + pads[3] - reach)
    guard spareY >= 0, spareX >= 0 else { return }
    let outputs = group == c ? c : group * [1, 4, 5, 16, 17].randomElement(using: &random)!
    let each = c / group
    let scale = 1.5 / Float(each * k * k).squareRoot()
    var inputs = [x.name, builder.constant(random.floats(outputs * each * k * k, scale), [outputs, each, k, k])]
    if Bool.random(using: &random) { inputs.append(builder.constant(random.floats(outputs), [outputs])) }
    let attributes: [ModelBuilder.Attribute] = [
      .int("group", group), .ints("strides", [step, step]), .ints("dilations", [dilation, dilation]),
      .ints("pads", pads),
    ]
    let shape = [1, outputs, spareY / step + 1, spareX / step + 1]
    append(builder.node("Conv", inputs, attributes), shape)
    // What follows convolutions in networks: an activation, or a sum with a value of the same shape.
    if Bool.random(using: &random), let peer = values.dropLast().last(where: { $0.shape == shape }) {
      append(builder.node("Add", [values[values.count - 1].name, peer.name]), shape)
    }
    if Bool.random(using: &random) { append(builder.node("Relu", [values[values.count - 1].name]), shape) }
  }

  private mutating func append(_ name: String, _ shape: [Int]) { values.append((name, shape)) }
}

@Suite("The plan computes what the graph says")
struct LayoutTests {
  @Test("random networks agree with each operator's readable form", arguments: InstructionSet.usable.map(\.name))
  func randomNetworks(level: String) throws {
    let set = try #require(InstructionSet.usable.first { $0.name == level })
    for seed in UInt64(1)...300 {
      let model = RandomNetwork.model(seed: seed)
      var configuration = Network.Configuration(threads: seed % 5 == 0 ? 2 : 1, instructionSet: set)
      let executor = try Network(onnx: model, configuration: configuration).makeExecutor()
      configuration.isReference = true
      let reference = try Network(onnx: model, configuration: configuration).makeExecutor()
      for run in 0..<2 {
        for executor in [executor, reference] {
          var random = SeededGenerator(seed: seed + UInt64(run) << 32)
          executor.withInput(0) { span in
            for i in span.indices { span[i] = Float.random(in: -2...2, using: &random) }
          }
          executor.run()
        }
        for (index, output) in executor.network.outputs.enumerated() {
          #expect(output == reference.network.outputs[index])
          let difference = relativeDifference(executor.output(index), reference.output(index))
          #expect(difference < 1e-4, "seed \(seed), run \(run), output \(output.name)\n\(executor.network.describe())")
        }
      }
    }
  }

  @Test("a view of channels joins what lies side by side, and permutes without copying")
  func views() {
    var view = View(buffer: 0, channels: 20, height: 3, width: 4)
    view.append(View(buffer: 1, channels: 8, height: 3, width: 4))
    #expect(view.channels == 28)
    #expect(
      view.channels(18..<22).pieces == [.init(buffer: 0, slot: 18, count: 2), .init(buffer: 1, slot: 0, count: 2)])
    let order = (0..<28).map { $0 % 2 * 14 + $0 / 2 }
    let shuffled = view.selecting(order)
    #expect(shuffled.pieces.count > 14)
    let (sorted, places) = shuffled.inMemoryOrder()
    #expect(sorted == view)
    #expect(places.map { order[$0] } == Array(0..<28))
    #expect(!view.isAligned)
    #expect(View(buffer: 0, channels: 20, height: 3, width: 4).isAligned)
  }

  @Test("buffers that live at the same time do not overlap, others share memory")
  func arena() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<50 {
      let requests = (0..<40).map { _ in
        let start = Int.random(in: 0..<100, using: &random)
        return ArenaLayout.Request(
          bytes: Int.random(in: 0..<5000, using: &random),
          lifetime: start...start + Int.random(in: 0..<30, using: &random))
      }
      let layout = try #require(ArenaLayout(requests))
      for (i, a) in requests.enumerated() {
        #expect(layout.offsets[i] % 64 == 0)
        #expect(layout.offsets[i] + a.bytes <= layout.bytes)
        for (j, b) in requests.enumerated() where j < i && a.lifetime.overlaps(b.lifetime) && a.bytes > 0 && b.bytes > 0
        {
          #expect(
            layout.offsets[i] + a.bytes <= layout.offsets[j] || layout.offsets[j] + b.bytes <= layout.offsets[i])
        }
      }
      #expect(layout.bytes < requests.reduce(0) { $0 + $1.bytes })
    }
    let chain = (0..<10).map { ArenaLayout.Request(bytes: 64, lifetime: $0...$0 + 1) }
    #expect(ArenaLayout(chain)?.bytes == 128)
  }

  @Test("each part of a task runs once, whatever the number of threads")
  func pool() {
    for threads in [1, 2, 4] {
      let pool = ThreadPool(threads: threads)
      defer { pool.end() }
      let counts = UnsafeMutablePointer<Int>.allocate(capacity: 64)
      defer { counts.deallocate() }
      for task in 0..<2000 {
        let parts = task % 63 + 1
        counts.initialize(repeating: 0, count: 64)
        pool.run(
          parts: parts, { part, _, counts in counts!.assumingMemoryBound(to: Int.self)[part] += 1 },
          UnsafeMutableRawPointer(counts))
        let all = (0..<64).map { counts[$0] }
        #expect(all == (0..<64).map { $0 < parts ? 1 : 0 })
      }
    }
  }
}
