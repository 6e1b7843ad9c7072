// Every kernel of every level that this processor can run, against its reference. For emulators too.
import Glibc
import KernelChecks
import KernelInterface

var failed = false
print("usable here: \(Level.usable.map(\.name).joined(separator: ", "))")
if !Level.missing.isEmpty { print("not run here: \(Level.missing.joined(separator: ", "))") }
for level in Level.usable {
  for check in KernelCheck.all {
    let found = check.run(level.kernels)
    let isRight = found <= check.tolerance
    failed = failed || !isRight
    print("\(isRight ? "right" : "WRONG")  \(level.name)  \(check.name)  \(found) of \(check.tolerance)")
    fflush(nil)
  }
}
exit(failed ? 1 : 0)
