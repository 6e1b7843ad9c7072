package import CaseStore

/// Who may do what: one line per route, denied where there is none.
package enum Access: Sendable, Hashable {
  /// Without logging in.
  case anyone
  /// Everybody who is logged in.
  case all
  /// These, and the administrator.
  case roles(Set<Role>)

  package func allows(_ role: Role?) -> Bool {
    switch self {
    case .anyone: true
    case .all: role != nil
    case .roles(let roles): role.map { $0 == .administrator || roles.contains($0) } ?? false
    }
  }

  package static let table: [String: Access] = [
    "GET /health": .anyone,
    "GET /api/v1/openapi.json": .all,
    "POST /api/v1/session": .anyone,
    "GET /api/v1/session": .all,
    "DELETE /api/v1/session": .all,
    "PUT /api/v1/session/password": .all,
    "GET /api/v1/cameras": .all,
    "GET /api/v1/cameras/{id}": .all,
    "GET /api/v1/cameras/{id}/still": .all,
    "POST /api/v1/cameras": .roles([.operator]),
    "PUT /api/v1/cameras/{id}": .roles([.operator]),
    "DELETE /api/v1/cameras/{id}": .roles([.operator]),
    "POST /api/v1/cameras/import": .roles([.operator]),
    "POST /api/v1/cameras/probe": .roles([.operator]),
    "PUT /api/v1/cameras/{id}/zones": .roles([.operator]),
    "GET /api/v1/warnings": .all,
    "GET /api/v1/warnings/{id}": .all,
    "GET /api/v1/warnings/{id}/evidence/{file}": .all,
    "POST /api/v1/warnings/{id}/claim": .roles([.inspector]),
    "POST /api/v1/warnings/{id}/review": .roles([.inspector]),
    "DELETE /api/v1/warnings/{id}/review": .roles([.inspector]),
    "GET /api/v1/cases": .roles([.inspector, .qa]),
    "GET /api/v1/cases/{id}": .roles([.inspector, .qa]),
    "POST /api/v1/cases/{id}/stage": .roles([.inspector]),
    "GET /api/v1/suppressed": .roles([.inspector, .qa]),
    "GET /api/v1/accuracy": .roles([.inspector, .qa]),
    "GET /api/v1/references": .roles([.inspector, .qa]),
    "GET /api/v1/users": .roles([]),
    "POST /api/v1/users": .roles([]),
    "PUT /api/v1/users/{name}": .roles([]),
    "GET /api/v1/audit": .roles([]),
    "GET /api/v1/events": .all,
    "GET /": .anyone,
    "GET /console/{file}": .anyone,
    "GET /console/{folder}/{file}": .anyone,
  ]

  /// Whether a person with this role may ask for a route; a route without a line is for nobody.
  package static func allows(_ route: String, _ role: Role?) -> Bool { table[route]?.allows(role) ?? false }
}
