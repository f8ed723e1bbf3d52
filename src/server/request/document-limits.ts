// How large a document may be, by what costs the steps that follow. It is counted in one pass over what is written, before the
// validation, whose time grows with the square of some of it.

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
import { tooComplex } from '../../schema/errors/api-error.ts'
import { refused } from '../errors/rejection-error.ts'

/** What a document may have. */
export interface DocumentLimits {
  /** Names, values and punctuation; white space, commas and comments do not count. */
  readonly tokens: number
  /** Fields inside fields, through fragments too; lists and objects inside each other in a value. */
  readonly depth: number
  /** As written: a fragment's count once, however often it is spread. */
  readonly aliases: number
  /** As written, as above. */
  readonly directives: number
}

/** Parses a document that is within the limits. @throws GraphQLError that it is not, or no document at all. */
export function parseWithin(
  limits: DocumentLimits,
  source: string | Source,
  options?: ParseOptions,
): DocumentNode {
  const document = parseBounded(limits, source, options)
  const size = sizeOf(document)
  for (const what of ['depth', 'aliases', 'directives'] as const)
    if (size[what] > limits[what]) throw tooLarge(what, size[what], limits)
  return document
}

function parseBounded(limits: DocumentLimits, source: string | Source, options?: ParseOptions): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens: limits.tokens })
  } catch (error) {
    const text = typeof source === 'string' ? source : source.body
    if (hasMoreTokens(text, limits.tokens)) throw tooLarge('tokens', limits.tokens + 1, limits)
    // So many brackets inside each other that the parser has no stack left.
    if (error instanceof RangeError) throw tooLarge('depth', limits.depth + 1, limits)
    throw error
  }
}

const inWords: Readonly<Record<keyof DocumentLimits, { readonly unit: string; readonly remedy: string }>> = {
  tokens: {
    unit: 'tokens',
    remedy: 'Ask in several operations, give values as variables, or raise --max-tokens.',
  },
  depth: {
    unit: 'levels',
    remedy: 'Ask for fewer levels (what lies deeper can be asked for by its id), or raise --max-depth.',
  },
  aliases: {
    unit: 'aliases',
    remedy: 'Ask for a list with a filter, or in several operations, or raise --max-aliases.',
  },
  directives: {
    unit: 'directives',
    remedy: 'Put one @include or @skip on a fragment instead of each field, or raise --max-directives.',
  },
}

function tooLarge(what: keyof DocumentLimits, figure: number, limits: DocumentLimits): GraphQLError {
  const { unit, remedy } = inWords[what]
  const counted = what === 'tokens' ? 'the document has at least' : 'the document has'
  return refused(tooComplex(counted, figure, limits[what], unit, remedy))
}

/** Whether the text has more tokens than `most`. @throws GraphQLError where what it has is no token. */
function hasMoreTokens(text: string, most: number): boolean {
  const lexer = new Lexer(new Source(text))
  for (let tokens = 0; tokens <= most; tokens += 1) if (lexer.advance().kind === TokenKind.EOF) return false
  return true
}

/** A selection set of an operation or of a fragment, without what its spreads lead to. */
interface Written {
  /** Fields inside fields. */
  depth: number
  /** The depth at which each fragment is spread, the largest if there are several. */
  readonly spreads: Map<string, number>
}

/** All but the tokens. */
function sizeOf(document: DocumentNode): Omit<DocumentLimits, 'tokens'> {
  const size = { depth: 0, aliases: 0, directives: 0 }
  const operations: Written[] = []
  const fragments = new Map<string, Written>()
  let written: Written = { depth: 0, spreads: new Map() }
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
      written = { depth: 0, spreads: new Map() }
      operations.push(written)
    },
    FragmentDefinition({ name }) {
      written = { depth: 0, spreads: new Map() }
      fragments.set(name.value, written)
    },
    Field: {
      enter({ alias }) {
        if (alias) size.aliases += 1
        fields += 1
        written.depth = Math.max(written.depth, fields)
      },
      leave() {
        fields -= 1
      },
    },
    FragmentSpread({ name: { value: name } }) {
      written.spreads.set(name, Math.max(fields, written.spreads.get(name) ?? 0))
    },
    Directive() {
      size.directives += 1
    },
    ListValue: value,
    ObjectValue: value,
  })
  const depths = new Map<Written, number>()
  for (const each of [...operations, ...fragments.values()])
    size.depth = Math.max(size.depth, wholeDepth(each, fragments, depths))
  return size
}

function wholeDepth(
  written: Written,
  fragments: ReadonlyMap<string, Written>,
  known: Map<Written, number>,
): number {
  const depth = known.get(written)
  if (depth !== undefined) return depth
  // A fragment that spreads itself is told by the validation.
  known.set(written, 0)
  let whole = written.depth
  for (const [name, at] of written.spreads) {
    const fragment = fragments.get(name)
    if (fragment) whole = Math.max(whole, at + wholeDepth(fragment, fragments, known))
  }
  known.set(written, whole)
  return whole
}
