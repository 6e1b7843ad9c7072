/// What the rules may assume: every number that was tuned, in one place.
///
/// Lengths are multiples of a thing's own width or height, areas are shares, times are seconds on the media clock, evidence is
/// in powers of ten (2 means a hundred to one).
public struct RuleSettings: Sendable, Hashable, Codable {
  // MARK: Seeing

  /// A presence starts from a detection with this share of the model's score threshold; fainter ones only carry it on.
  public var birthShare = 0.6
  /// Boxes of one family that overlap more than this in a picture are one thing found twice.
  public var duplicateOverlap = 0.6
  /// A box that lies in a better one of its group with this share of its area is no thing of its own where its score is
  /// below `partScore` of the other's.
  public var partCover = 0.85
  public var partScore = 0.6
  /// Places that overlap this much are one thing, where they get one detection between them in three pictures on end.
  public var contestedOverlap = 0.4
  /// The least IoU of a detection with a place for a look at what stands there.
  public var placeOverlap = 0.35
  /// As `placeOverlap`, where the detection belongs to another group of the family (a motorcycle where a car stood).
  public var strangerOverlap = 0.55
  /// A track faster than this, in sizes a second, passes through.
  public var passingSpeed = 0.5
  /// A track whose last detection was further from where it was expected (squared standard deviations) may be another thing's.
  public var passingSurprise = 1.5
  /// The lower share of a box that touches the ground.
  public var groundShare = 0.25
  /// Boxes that cover more of the picture are no street things.
  public var largestArea = 0.6
  /// Detections that stand on privacy or ignore zones with this share of their ground contact are dropped.
  public var droppedCoverage = 0.5

  // MARK: Standing

  /// While it appears, a thing that shifts by this much starts to stand anew.
  public var restartShift = 0.15
  /// A candidate that shifts by this much has moved on; so has a warned thing, until it stands again within `samePlaceShift`.
  public var leaveShift = 0.35
  /// A warned thing that stands again within this distance is the same violation.
  public var samePlaceShift = 1.0
  /// Scatter of the looks around the place up to which a thing counts as standing.
  public var stationaryScatter = 0.15
  /// A candidate has stood for the smaller of this and half of the dwell, in `candidateLooks` pictures.
  public var candidateSeconds = 10.0
  public var candidateLooks = 2
  /// The share of clear looks at the place that must have shown the thing.
  public var presentShare = 0.4
  /// The share of all pictures that must have shown the thing.
  public var seenShare = 0.25

  // MARK: Leaving

  /// What a clear look without the thing says at most.
  public var clearLookEvidence = 1.25
  /// What it says besides, where the picture at the place has changed.
  public var changedPictureEvidence = 1.0
  /// What the thing's own track elsewhere says.
  public var movedOffEvidence = 3.0
  /// From here on a presence is in doubt: nothing is raised, a warned one is clearing.
  public var doubtEvidence = 2.5
  /// From here on it has left.
  public var goneEvidence = 6.0
  /// As `goneEvidence`, for what had not been seen for longer than the allowance.
  public var goneEvidenceUnknown = 2.0
  /// Looks closer together than this count in proportion: they see the same thing.
  public var independentSeconds = 1.0
  /// A place that has appeared but was not seen for this long and `appearingMisses` clear looks is forgotten.
  public var appearingSeconds = 3.0
  public var appearingMisses = 3
  /// A warned thing that comes back within this time after it left goes on.
  public var rearmSeconds = 60.0
  /// The least allowance for not being seen, before a presence is unknown.
  public var allowanceSeconds = 120.0
  /// The allowance is at least this many median distances of the last `allowancePictures` pictures.
  public var allowancePeriods = 2.0
  public var allowancePictures = 9
  /// Being out of sight for this long, and three times the distance of pictures, is a line in the history, up to `remarks` lines.
  public var remarkSeconds = 30.0
  public var remarks = 40
  /// What is unknown for this long has left unseen.
  public var forgetSeconds = 21_600.0

  // MARK: Occlusion

  /// How much more of a place than usual another thing must cover to hide it.
  public var occlusionCover = 0.25
  /// How far above the place's lower edge the other's may end and still be nearer to the camera.
  public var occlusionDepth = 0.15

  // MARK: Appearance

  /// Correlation of the picture at a place with the remembered one, from which it is the same thing.
  public var sameAppearance = 0.85
  /// Below it, it is another.
  public var otherAppearance = 0.65
  /// The ratio of contrasts at the place from which it is another.
  public var otherContrast = 1.7
  /// Difference of mean colour (blue and red, 0…255) from which it is another, unless the pattern is clearly the same.
  public var otherColour = 14.0
  /// Standard deviation of luma within the place under which there is no pattern to compare.
  public var leastContrast = 4.0
  /// The remembered appearance is taken anew after this long, while it is clearly the same.
  public var refreshSeconds = 20.0
  /// Only what was out of sight for this long can have been replaced.
  public var swapSeconds = 3.0
  /// After that long out of sight, one look at another thing suffices.
  public var longSwapSeconds = 20.0
  /// Evidence of another thing from which a presence has been replaced.
  public var replacedEvidence = 4.0
  /// After a jump of light, infra-red or exposure, changed pictures say nothing for this long.
  public var lightHoldSeconds = 30.0

  // MARK: Zones

  /// The share of the ground contact that must be in the zone.
  public var enterCoverage = 0.6
  /// The share that a warning needs, once the thing is in the zone.
  public var warnCoverage = 0.5
  /// Below it the thing is no longer in the zone.
  public var leaveCoverage = 0.4
  /// The share of the ground contact in a permitted place that excuses.
  public var permittedCoverage = 0.5
  /// Things lower than this in the picture are too small to judge well.
  public var leastPixels = 16.0
  /// Of things lower than this the detector must be fully sure (research notes, P8: 24 to 32 pixels).
  public var surePixels = 32.0
  /// The least share of votes for the zone's classes.
  public var classShare = 0.5

  // MARK: Illegal parking

  /// A warning's raw score must reach this share of the model's score threshold.
  public var warnShare = 0.75
  /// The largest ratio of a box's height to its width in pixels that a class may have.
  public var tallest: [String: Double] = ["car": 1.5]
  /// A box of which another, better one holds this share, or that holds this share of it, is a part or a blur of that.
  public var partCoverage = 0.8
  /// As `partCoverage`, where the detector is not sure of the candidate.
  public var partCoverageUnsure = 0.5
  /// The IoU with a better-seen thing from which they are one.
  public var partOverlap = 0.4
  /// How far neighbours may be.
  public var neighbourDistance = 3.0
  /// Neighbours that began to stand within this time of each other stand together.
  public var togetherSeconds = 60.0
  /// So many others standing together are a queue.
  public var queueSize = 2
  /// The share of neighbours' looks that must be of moving things for a queue's candidate to be raised.
  public var movingShare = 0.3
  /// What stands on when its queue has moved for this long is no part of it.
  public var queueReleaseSeconds = 6.0
  /// Pictures further apart show nobody moving.
  public var sparseSeconds = 2.5
  /// How long a neighbour's look counts.
  public var neighbourMemorySeconds = 15.0
  /// No queue stands longer than this, or than twice the dwell.
  public var queueSeconds = 300.0
  /// A person is at a vehicle within this many of the person's widths.
  public var besideDistance = 1.0
  /// A vehicle is being loaded or boarded where people were at it in this share of looks.
  public var loadingShare = 0.3
  /// How much longer than the dwell a vehicle may stand that is loaded or boarded, by zone id; 0 where none is named.
  public var loadingSeconds: [String: Double] = [:]
  /// Classes or groups that a zone does not mean, by zone id (buses at their stop).
  public var exempt: [String: [String]] = [:]

  // MARK: Street vending

  /// The share of looks at a stall at which somebody must have been by it.
  public var vendorShare = 0.5
  /// How far the vendor may be, in widths of the stall.
  public var vendorDistance = 1.0
  /// A stall this close to one that was raised, in its own widths, is the same place.
  public var clusterDistance = 1.0

  /// As `vendorShare`, for a thing that the detector has no name for: more must speak for trade.
  public var vendorShareUnnamed = 0.7
  /// The score of such a thing: even odds, until a calibration says more.
  public var unnamedScore = 0.5
  /// Its height and width in heights of the people in the zone: from a basket to a cart with its awning.
  public var unnamedHeight: ClosedRange<Double> = 0.25...2.0
  public var unnamedWidth: ClosedRange<Double> = 0.25...3.5
  /// The least share of its box that must be new: less is the edge of a shadow.
  public var unnamedFill = 0.35
  /// The share of it that vehicles may cover, and people, before it is taken for them.
  public var unnamedVehicleCover = 0.3
  public var unnamedPersonCover = 0.6

  // MARK: Scenery

  /// How fast the quick background follows: what passes leaves no trace in it.
  public var sceneQuickSeconds = 8.0
  /// How fast the slow one does: a stall of an hour must not become scenery.
  public var sceneSlowSeconds = 3600.0
  /// For so long, and so many pictures, all is taken to belong to the scene.
  public var sceneLearningSeconds = 30.0
  public var sceneLearningPictures = 8
  /// The difference of slopes (grey values over two cells) and of colour from which a cell is new.
  public var sceneSlope = 16.0
  public var sceneColour = 8.0

  // MARK: The view

  /// Below this standard deviation of its cells' luma a picture shows nothing: noise alone leaves less.
  public var blankContrast = 1.0
  /// The share of cells that must be the same, to the last bit, in a picture that stands still: a burnt-in clock may go on.
  public var stillShare = 0.97
  /// For so long, and in so many pictures, until it is frozen. Sensor noise changes all cells of a live picture.
  public var stillSeconds = 30.0
  public var stillPictures = 10
  /// The share of blocks with structure that must look as the reference does.
  public var viewAgreement = 0.3
  /// For so long, and so many pictures, another view is no lorry before the lens and no jump of light.
  public var movedSeconds = 8.0
  public var movedPictures = 3
  /// Pictures until the reference is relied on, and the least weight of a new one.
  public var viewPictures = 5
  public var viewLearning = 0.02

  // MARK: Bins

  /// A bin of which somebody covers this share does not vote.
  public var binCover = 0.2
  /// How far rubbish may lie beside its bin, in widths of the bin.
  public var besideBin = 1.0
  /// How much one look moves the vote.
  public var fillWeight = 0.25
  /// The vote from which a bin is over-full, and up to which it is not.
  public var fullLevel = 0.6
  public var emptyLevel = 0.25
  /// The share and the number of clear looks that must have shown it over-full.
  public var fullShare = 0.7
  public var fullLooks = 3

  public init() {}
}
