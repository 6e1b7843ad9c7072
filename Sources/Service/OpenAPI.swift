import CaseStore
import Formats
import HTTPTypes
import Pipeline

/// The description of the routes, made of the routes themselves.
enum OpenAPI {
  /// An OpenAPI 3.1 document; bodies are described by their media type, their members in `formats.md`.
  static let document: JSONNode = {
    var paths: [String: [String: JSONNode]] = [:]
    for route in API.routes where route.path.hasPrefix("/api/") || route.path == "/health" {
      var parameters: [JSONNode] = []
      for part in route.path.split(separator: "/") where part.hasPrefix("{") {
        parameters.append(
          .object([
            "name": .string(String(part.dropFirst().dropLast())), "in": .string("path"), "required": .bool(true),
            "schema": .object(["type": .string("string")]),
          ]))
      }
      for name in queries[route.key] ?? [] {
        parameters.append(
          .object([
            "name": .string(name), "in": .string("query"), "schema": .object(["type": .string("string")]),
          ]))
      }
      var operation: [String: JSONNode] = [
        "summary": .string(route.summary), "operationId": .string(identifier(route)), "parameters": .array(parameters),
        "responses": .object([
          "default": .object([
            "description": .string("an error"),
            "content": .object([
              "application/problem+json": .object([
                "schema": .object(["$ref": .string("#/components/schemas/Problem")])
              ])
            ]),
          ]),
          "2XX": .object(["description": .string(route.summary)]),
        ]),
      ]
      if let access = Access.table[route.key] {
        operation["x-roles"] = .strings(Role.allCases.filter { access.allows($0) }.map(\.rawValue))
        if access != .anyone { operation["security"] = .array([.object(["session": .array([])])]) }
      }
      if route.method == .post || route.method == .put {
        let type = route.path.hasSuffix("/import") ? "text/csv" : "application/json"
        operation["requestBody"] = .object([
          "content": .object([type: .object([:])])
        ])
      }
      paths[route.path, default: [:]][route.method.rawValue.lowercased()] = .object(operation)
    }
    return .object([
      "openapi": .string("3.1.0"),
      "info": .object(["title": .string("warden"), "version": .string(wardenVersion)]),
      "paths": .object(paths.mapValues { .object($0) }),
      "components": .object([
        "securitySchemes": .object([
          "session": .object([
            "type": .string("apiKey"), "in": .string("cookie"), "name": .string(API.cookieName),
            "description": .string("Changes also carry X-Warden-CSRF with the token that GET session gives."),
          ])
        ]),
        "schemas": .object([
          "Problem": .object([
            "type": .string("object"),
            "properties": .object(
              ["type": "string", "title": "string", "status": "integer", "detail": "string"].mapValues {
                .object(["type": .string($0)])
              }),
          ])
        ]),
      ]),
    ])
  }()

  private static let queries: [String: [String]] = [
    "GET /api/v1/warnings": ["state", "type", "camera", "from", "to", "limit", "after"],
    "GET /api/v1/cases": ["stage", "format", "limit", "after"],
    "GET /api/v1/suppressed": ["camera", "from", "to", "sample", "seed", "limit", "after"],
    "GET /api/v1/accuracy": ["from", "to"],
    "GET /api/v1/references": ["camera", "from", "to"],
    "GET /api/v1/audit": ["by", "action", "from", "to", "limit", "after"],
    "GET /api/v1/cameras/{id}/still": ["detections"],
  ]

  private static func identifier(_ route: API.Route) -> String {
    let words = route.path.split(separator: "/").filter { $0 != "api" && $0 != "v1" }
      .map { $0.filter { $0.isLetter || $0.isNumber } }
    return route.method.rawValue.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
