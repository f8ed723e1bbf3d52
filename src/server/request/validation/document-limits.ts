// Limits the size of a document by what makes later steps expensive. It is measured in one pass over the
// source, before validation, whose time grows with the square of some of these metrics.

import {
  type ASTNode,
  type DocumentNode,
  type GraphQLError,
  Lexer,
  type ParseOptions,
  parse,
  Source,
  TokenKind,
  visit,
} from 'graphql'
import { limitExceeded } from '../../../schema/errors/api-error.ts'
import { rejectionError } from '../../errors/rejection-error.ts'

/** Limits of a document. */
export interface DocumentLimits {
  /** Names, values and punctuators, without whitespace, commas and comments. */
  readonly tokens: number
  /** Nesting of fields, including through fragments; and of lists and objects in a value. */
  readonly depth: number
  /** As written: those of a fragment count once, however often it is spread. */
  readonly aliases: number
  /** As written, like the aliases. */
  readonly directives: number
}

/**
 * Parses a document within the limits.
 * @throws GraphQLError if the document exceeds a limit or is invalid
 */
export function parseWithLimits(
  limits: DocumentLimits,
  source: string | Source,
  options?: ParseOptions,
): DocumentNode {
  let document: DocumentNode
  let size: ReturnType<typeof measureDocument>
  try {
    document = parse(source, { ...options, maxTokens: limits.tokens })
    size = measureDocument(document)
  } catch (error) {
    const text = typeof source === 'string' ? source : source.body
    if (hasMoreTokens(text, limits.tokens)) throw documentTooLarge('tokens', limits.tokens + 1, limits)
    // The nesting exceeds the stack.
    if (error instanceof RangeError) throw documentTooLarge('depth', limits.depth + 1, limits)
    throw error
  }
  for (const metric of ['depth', 'aliases', 'directives'] as const)
    if (size[metric] > limits[metric]) throw documentTooLarge(metric, size[metric], limits)
  return document
}

const limitDescriptions: Readonly<
  Record<keyof DocumentLimits, { readonly unit: string; readonly remedy: string }>
> = {
  tokens: {
    unit: 'tokens',
    remedy: 'Split the document into several operations, pass values as variables, or raise --max-tokens.',
  },
  depth: {
    unit: 'levels',
    remedy: 'Select fewer levels (query deeper objects by id), or raise --max-depth.',
  },
  aliases: {
    unit: 'aliases',
    remedy: 'Query a list with a filter, split the document into several operations, or raise --max-aliases.',
  },
  directives: {
    unit: 'directives',
    remedy: 'Put one @include or @skip on a fragment instead of each field, or raise --max-directives.',
  },
}

function documentTooLarge(
  metric: keyof DocumentLimits,
  actual: number,
  limits: DocumentLimits,
): GraphQLError {
  const { unit, remedy } = limitDescriptions[metric]
  const subject = metric === 'tokens' ? 'the document has at least' : 'the document has'
  return rejectionError(limitExceeded({ subject, actual, limit: limits[metric], unit, remedy }))
}

/**
 * Whether the source has more tokens than `limit`.
 * @throws GraphQLError at an invalid token
 */
function hasMoreTokens(text: string, limit: number): boolean {
  const lexer = new Lexer(new Source(text))
  for (let tokens = 0; tokens <= limit; tokens += 1) if (lexer.advance().kind === TokenKind.EOF) return false
  return true
}

/** Measures everything except the tokens. */
function measureDocument(document: DocumentNode): Omit<DocumentLimits, 'tokens'> {
  const size = { depth: selectionDepth(document), aliases: 0, directives: 0 }
  let values = 0
  const value = {
    enter() {
      values += 1
      size.depth = Math.max(size.depth, values)
    },
    leave() {
      values -= 1
    },
  }
  visit(document, {
    Field({ alias }) {
      if (alias) size.aliases += 1
    },
    Directive() {
      size.directives += 1
    },
    ListValue: value,
    ObjectValue: value,
  })
  return size
}

/** Returns the maximum nesting of fields, including through fragments. */
function selectionDepth({ definitions }: DocumentNode): number {
  const fragments = new Map<string, ASTNode>()
  for (const each of definitions) if (each.kind === 'FragmentDefinition') fragments.set(each.name.value, each)
  const depthByFragment = new Map<string, number>()
  const depthOfFragment = (name: string): number => {
    let depth = depthByFragment.get(name)
    if (depth === undefined) {
      // Validation reports a fragment that spreads itself.
      depthByFragment.set(name, 0)
      depth = depthOf(fragments.get(name))
      depthByFragment.set(name, depth)
    }
    return depth
  }
  const depthOf = (node: ASTNode | undefined): number => {
    if (node?.kind === 'FragmentSpread') return depthOfFragment(node.name.value)
    const selections = (node && 'selectionSet' in node && node.selectionSet?.selections) || []
    return maxDepth(selections) + (node?.kind === 'Field' ? 1 : 0)
  }
  const maxDepth = (nodes: readonly ASTNode[]): number =>
    nodes.reduce((max, each) => Math.max(max, depthOf(each)), 0)
  return maxDepth(definitions)
}
