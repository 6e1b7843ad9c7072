import ArgumentParser
import Service

struct User: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "People who may log in.", subcommands: [Add.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds a person and prints a random password once.",
      discussion: "Works while the service runs.")

    @Argument(help: ArgumentHelp("Letters, digits, dashes, dots and underscores.", valueName: "NAME"))
    var name: String

    @Option(help: ArgumentHelp("operator, inspector, qa or administrator.", valueName: "ROLE"))
    var role: String

    @OptionGroup var options: ServiceOptions

    func run() async throws {
      let configuration = try options.configuration()
      do throws(ServiceError) {
        let password = try await WardenService.addUser(name, role: role, configuration: configuration)
        print("\(name) logs in with the password \(password) (shown once; to be changed at the first log-in)")
      } catch { throw Failure(error) }
    }
  }
}
