// Names the argument that has an invalid value in a document. GraphQL's own messages name only the type, and the position.

import { type ASTNode, Kind, type Token, TokenKind } from 'graphql'

const valueKinds: ReadonlySet<string> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
])

const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R])
const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])

/**
 * Returns where a value of the document is, such as `argument "filter.createdAt.lt" of "snapshots"` or `default of "$first"`;
 * undefined for other nodes.
 */
export function argumentOf(node: ASTNode | undefined): string | undefined {
  if (!node || !valueKinds.has(node.kind)) return undefined
  const names: string[] = []
  let token = before(node.loc?.startToken)
  while (token) {
    switch (token.kind) {
      case TokenKind.COLON: {
        const name = before(token)
        names.unshift(name?.value ?? '')
        token = openerFrom(before(name))
        break
      }
      // The name of the field or of the directive precedes the parenthesis.
      case TokenKind.PAREN_L:
        return names.length > 0 ? `argument "${names.join('.')}" of "${before(token)?.value}"` : undefined
      case TokenKind.EQUALS:
        return `default of "$${variableFrom(token)}"`
      // An object or a list is itself the value of what precedes it.
      case TokenKind.BRACE_L:
      case TokenKind.BRACKET_L:
        token = before(token)
        break
      // An earlier item of a list.
      default:
        token = openerFrom(token)
    }
  }
  return undefined
}

/** Returns the parenthesis, brace or bracket that encloses a token, or the token itself if it opens one. */
function openerFrom(from: Token | undefined): Token | undefined {
  let depth = 0
  for (let token = from; token; token = before(token)) {
    if (closing.has(token.kind)) depth += 1
    else if (opening.has(token.kind)) {
      if (depth === 0) return token
      depth -= 1
    }
  }
  return undefined
}

/** Returns the name of the variable in whose definition the token is. */
function variableFrom(from: Token): string {
  let token: Token | undefined = from
  while (token && token.kind !== TokenKind.DOLLAR) token = before(token)
  return token?.next?.value ?? ''
}

function before(token: Token | undefined): Token | undefined {
  const previous = token?.prev ?? undefined
  return previous?.kind === TokenKind.COMMENT ? before(previous) : previous
}
