import CaseStore
import Formats
import HTTPTypes
import Hummingbird

extension API {
  static let peopleRoutes: [Route] = [
    Route(method: .get, path: "/api/v1/users", summary: "People with an account") { api, call in
      let people = try await api.store.people()
      return .json(
        .object(["items": .array(people.map { api.node($0) }), "next": .null, "total": .integer(people.count)]))
    },
    Route(method: .post, path: "/api/v1/users", summary: "Add a person") { api, call in
      let fields = try await call.body()
      let name = try API.userName(try fields.required("name", upTo: 64))
      guard let role = try fields.choice("role", Role.self) else {
        throw Problem.invalid("role: one of operator, inspector, qa, administrator is expected")
      }
      let chosen = try fields.text("password", upTo: 256).flatMap { $0.isEmpty ? nil : $0 }
      if let chosen, let objection = PasswordHasher.objection(chosen, name: name) {
        throw Problem.invalid("password: \(objection)")
      }
      let password = chosen ?? Secrets.password()
      let person = Person(
        name: name, role: role, password: await api.hasher.hash(password), mustChange: true, createdAt: call.now)
      try await api.store.add(person, call.act)
      guard case .object(var node) = api.node(person) else { return .nothing }
      node["password"] = .string(password)
      return .json(.object(node), .created)
    },
    Route(method: .put, path: "/api/v1/users/{name}", summary: "Change a person's role, access or password") {
      api, call in
      let name = try call.path("name")
      let fields = try await call.body()
      let password = try fields.text("password", upTo: 256).flatMap { $0.isEmpty ? nil : $0 }
      if let password, let objection = PasswordHasher.objection(password, name: name) {
        throw Problem.invalid("password: \(objection)")
      }
      var hash: String?
      if let password { hash = await api.hasher.hash(password) }
      let person = try await api.store.change(
        name, role: try fields.choice("role", Role.self), disabled: try fields.flag("disabled"), password: hash,
        mustChange: true, keeping: try call.person.name.lowercased() == name.lowercased() ? call.token : nil, call.act)
      return .json(api.node(person))
    },
    Route(method: .get, path: "/api/v1/audit", summary: "Who changed what") { api, call in
      let list = try await api.store.audit(
        by: call.query("by"), action: call.query("action"), from: call.instant("from"), to: call.instant("to"),
        call.page(100))
      return .json(
        api.listing(list) { entry in
          .object([
            "at": api.time(entry.act.at), "by": .string(entry.act.by), "action": .string(entry.action),
            "object": .string(entry.object), "detail": .object(entry.detail.mapValues(JSONNode.string)),
          ])
        })
    },
  ]

  /// Letters, digits, dashes, dots and underscores of any script.
  package static func checkedUserName(_ text: String) -> String? {
    let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "-._".contains($0) }
    return isPlain && (1...64).contains(text.count) && !text.hasPrefix(".") ? text : nil
  }

  private static func userName(_ text: String) throws(Problem) -> String {
    guard let name = checkedUserName(text) else {
      throw .invalid("name: 1 to 64 letters, digits, dashes, dots and underscores are expected")
    }
    return name
  }
}
