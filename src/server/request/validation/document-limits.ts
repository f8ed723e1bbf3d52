// Limits the size of a document by what makes later steps expensive. It is measured in one pass over the
// source, before validation, whose time grows with the square of some of these metrics.

import {
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
  const document = parseWithTokenLimit(limits, source, options)
  const size = measureDocument(document)
  for (const metric of ['depth', 'aliases', 'directives'] as const)
    if (size[metric] > limits[metric]) throw documentTooLarge(metric, size[metric], limits)
  return document
}

function parseWithTokenLimit(
  limits: DocumentLimits,
  source: string | Source,
  options?: ParseOptions,
): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: limits.tokens })
  } catch (error) {
    const text = typeof source === 'string' ? source : source.body
    if (hasMoreTokens(text, limits.tokens)) throw documentTooLarge('tokens', limits.tokens + 1, limits)
    // The nesting exceeds the parser's stack.
    if (error instanceof RangeError) throw documentTooLarge('depth', limits.depth + 1, limits)
    throw error
  }
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

/** Metrics of the selection set of one operation or fragment, without the fragments that it spreads. */
interface SelectionStats {
  /** Nesting of fields. */
  depth: number
  /** The depth at which each fragment is spread; the largest, if there are several. */
  readonly spreads: Map<string, number>
}

/** Measures everything except the tokens. */
function measureDocument(document: DocumentNode): Omit<DocumentLimits, 'tokens'> {
  const size = { depth: 0, aliases: 0, directives: 0 }
  const operations: SelectionStats[] = []
  const fragments = new Map<string, SelectionStats>()
  let selection: SelectionStats = { depth: 0, spreads: new Map() }
  let fields = 0
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
    OperationDefinition() {
      selection = { depth: 0, spreads: new Map() }
      operations.push(selection)
    },
    FragmentDefinition({ name }) {
      selection = { depth: 0, spreads: new Map() }
      fragments.set(name.value, selection)
    },
    Field: {
      enter({ alias }) {
        if (alias) size.aliases += 1
        fields += 1
        selection.depth = Math.max(selection.depth, fields)
      },
      leave() {
        fields -= 1
      },
    },
    FragmentSpread({ name: { value: name } }) {
      selection.spreads.set(name, Math.max(fields, selection.spreads.get(name) ?? 0))
    },
    Directive() {
      size.directives += 1
    },
    ListValue: value,
    ObjectValue: value,
  })
  const depthCache = new Map<SelectionStats, number>()
  for (const each of [...operations, ...fragments.values()])
    size.depth = Math.max(size.depth, totalDepth(each, fragments, depthCache))
  return size
}

function totalDepth(
  selection: SelectionStats,
  fragments: ReadonlyMap<string, SelectionStats>,
  depthCache: Map<SelectionStats, number>,
): number {
  const depth = depthCache.get(selection)
  if (depth !== undefined) return depth
  // Validation reports a fragment that spreads itself.
  depthCache.set(selection, 0)
  let total = selection.depth
  for (const [name, spreadDepth] of selection.spreads) {
    const fragment = fragments.get(name)
    if (fragment) total = Math.max(total, spreadDepth + totalDepth(fragment, fragments, depthCache))
  }
  depthCache.set(selection, total)
  return total
}
