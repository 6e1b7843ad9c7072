/// One computation whose parameters and shapes are settled.
///
/// `run` is the readable form for row-major tensors of any shape; the plan replaces it with a kernel where there is one. It is
/// total: whatever the model, no input makes it trap or touch memory outside its tensors. It may run on any thread.
protocol Operation: Sendable {
  /// For people, in ONNX's terms where there is one.
  var title: String { get }

  /// Computes `y` from `x`; they do not overlap.
  func run(_ x: [TensorView], _ y: TensorView)
}

/// What a loader says about one output of a node.
enum NodeResult {
  case computed(any Operation, [ValueID], TensorType)
  case constant(Tensor)
  case alias(ValueID)
}

/// Reads a node's attributes and inputs, checks them and infers the outputs.
typealias OperatorLoader = @Sendable (NodeReader) throws(NetworkError) -> [NodeResult]

/// All operators of ONNX that the engine has.
let operatorLoaders: [String: OperatorLoader] = {
  var loaders: [String: OperatorLoader] = [
    "Conv": loadConvolution, "Gemm": loadGemm, "MatMul": loadMatrixProduct, "Softmax": loadSoftmax,
    "MaxPool": loadMaxPool, "AveragePool": loadAveragePool, "GlobalAveragePool": loadGlobalAveragePool,
    "GlobalMaxPool": loadGlobalMaxPool, "Resize": loadResize, "Upsample": loadUpsample,
    "BatchNormalization": loadBatchNormalization, "Concat": loadConcat, "Split": loadSplit, "Slice": loadSlice,
    "Reshape": loadReshape, "Flatten": loadFlatten, "Squeeze": loadSqueeze, "Unsqueeze": loadUnsqueeze,
    "Identity": loadIdentity, "Dropout": loadDropout, "Transpose": loadTranspose, "Expand": loadExpand, "Pad": loadPad,
    "Gather": loadGather, "Tile": loadTile, "DepthToSpace": loadDepthToSpace, "SpaceToDepth": loadSpaceToDepth,
    "Constant": loadConstant, "ConstantOfShape": loadConstantOfShape, "Shape": loadShape, "Size": loadSize,
    "Range": loadRange, "Cast": loadCast, "Clip": loadClip, "Where": loadWhere, "Pow": loadPower, "Mod": loadRemainder,
  ]
  for (name, function) in ElementwiseFunction.loaders { loaders[name] = function }
  for (name, function) in BinaryFunction.loaders { loaders[name] = function }
  for (name, function) in Reduction.loaders { loaders[name] = function }
  return loaders
}()
