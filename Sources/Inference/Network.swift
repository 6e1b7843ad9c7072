/// A tensor at the border of a network.
public struct TensorDescription: Sendable, Equatable {
  public let name: String
  /// Sides, outermost first; the elements lie row by row.
  public let shape: [Int]
  public let elementType: ElementType

  /// Elements in all.
  public var count: Int { shape.reduce(1, *) }
}

/// A network that is ready to run: an immutable plan with packed weights. Share it freely; each user makes an `Executor`.
public final class Network: Sendable {
  /// How a network is prepared.
  public struct Configuration: Sendable {
    /// Threads that each executor uses, the caller's included; 1 starts none. Results are the same for any number.
    public var threads: Int
    /// The level of vector instructions, one of `InstructionSet.usable`.
    public var instructionSet: InstructionSet
    /// Shapes of inputs, by name, where the model leaves sides open.
    public var inputShapes: [String: [Int]]
    /// Bytes that loading may take, and bytes that an executor's arena may take.
    public var memoryLimit: Int
    /// Runs the graph as it is, each operator in its readable form: what the plan is compared with in tests.
    package var isReference = false

    public init(
      threads: Int = 1, instructionSet: InstructionSet = .best, inputShapes: [String: [Int]] = [:],
      memoryLimit: Int = 2 << 30
    ) {
      self.threads = threads
      self.instructionSet = instructionSet
      self.inputShapes = inputShapes
      self.memoryLimit = memoryLimit
    }
  }

  public let inputs: [TensorDescription]
  public let outputs: [TensorDescription]
  public let configuration: Configuration
  let plan: Plan

  /// Reads an ONNX file. External data may lie in the file's folder, nowhere else.
  public convenience init(
    contentsOf path: String, configuration: Configuration = .init()
  ) throws(NetworkError) {
    try self.init(ModelFile(contentsOf: path, limit: configuration.memoryLimit), configuration)
  }

  /// Reads a serialised ONNX model.
  ///
  /// - Parameter weightsFolder: Where external data lies; nil refuses models that have such.
  public convenience init(
    onnx bytes: [UInt8], weightsFolder: String? = nil, configuration: Configuration = .init()
  ) throws(NetworkError) {
    guard bytes.count <= configuration.memoryLimit else {
      throw .tooLarge(what: "the file", bytes: bytes.count, limit: configuration.memoryLimit)
    }
    try self.init(ModelFile(bytes: bytes, folder: weightsFolder), configuration)
  }

  private init(_ file: ModelFile, _ configuration: Configuration) throws(NetworkError) {
    guard (1...256).contains(configuration.threads) else {
      throw .configuration(reason: "\(configuration.threads) threads are asked for, and 1 to 256 are possible")
    }
    guard configuration.memoryLimit > 0 else { throw .configuration(reason: "the memory limit is not positive") }
    let budget = MemoryBudget(limit: configuration.memoryLimit)
    var graph = try GraphBuilder.graph(of: file, inputShapes: configuration.inputShapes, budget: budget)
    if !configuration.isReference { optimise(&graph, budget: budget) }
    self.configuration = configuration
    plan = try Planner.plan(
      graph, kernels: configuration.instructionSet.kernels, budget: budget, isReference: configuration.isReference)
    inputs = graph.inputs.map { TensorDescription(graph.values[$0].name, graph.values[$0].type) }
    outputs = graph.outputs.map { TensorDescription($0.name, graph.values[$0.value].type) }
  }

  /// The level of vector instructions in use.
  public var instructionSet: InstructionSet { configuration.instructionSet }
  /// Numbers in the weights.
  public var parameterCount: Int { plan.parameterCount }
  /// Multiply-adds of convolutions and matrix products in one run.
  public var multiplyAdds: Int { plan.multiplyAdds }
  /// Bytes that each executor holds for inputs, outputs and everything between.
  public var arenaBytes: Int { plan.arenaBytes }

  /// Memory and threads for one user of the network.
  public func makeExecutor() -> Executor { Executor(self) }

  /// Steps of the plan that only change a value's layout.
  package var reorderCount: Int { plan.entries.count { $0.operatorType == "Reorder" } }

  /// The plan as text: a line for each step.
  public func describe() -> String { plan.description }
}

extension TensorDescription {
  init(_ name: String, _ type: TensorType) {
    self.init(name: name, shape: type.shape, elementType: type.element)
  }
}
