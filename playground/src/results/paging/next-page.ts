// Builds the operation that reads the next page of a connection: the path to it, and of the connection only the items.
// It reads nothing else again. A mutation is never repeated: its pages are read through the nearest object with an id.

import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  separateOperations,
  visit,
} from 'graphql'
import type { Operation } from '../../execution/post-operation.ts'
import type { Path } from '../typed/error-index.ts'
import { fieldNamed, type TypedField, type TypedObject, type TypedValue } from '../typed/typed-value.ts'
import { argument, leaf, name, onType, set, variableDefinition } from './document-nodes.ts'

export interface PageRequest {
  readonly operation: Operation
  /** Where the connection is in the data of the response. */
  readonly path: Path
}

export interface NextPageInput {
  readonly root: TypedValue
  /** The path of the connection in the result. */
  readonly path: Path
  readonly endCursor: string | undefined
  readonly document: string
  readonly operationName?: string | undefined
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  readonly schema: GraphQLSchema
}

const operationName = 'NextPage'
const afterVariable = 'nextPageAfter'
const idVariable = 'nextPageOf'

/** Returns the operation for the next page, or why there is none. */
export function nextPage(input: NextPageInput): PageRequest | { readonly reason: string } {
  const { endCursor, schema } = input
  if (endCursor === undefined) return { reason: 'Select pageInfo { endCursor } to load further pages.' }
  const steps = stepsTo(input.root, input.path)
  const connection = steps?.at(-1)
  if (!steps || !connection) return { reason: 'The document does not have this list.' }
  const unsupported = argumentProblem(connection.field)
  if (unsupported) return { reason: unsupported }
  const operation = operationOf(input)
  if (!operation) return { reason: 'The document does not have this operation.' }

  const start = startOf(steps, operation, schema)
  if (typeof start === 'number') {
    const selection = nest(steps.slice(start), schema)
    if (start === 0) return request(input, operation, [selection], input.path, {})
    const owner = steps[start - 1] as Step
    const id = idOf(owner.value)
    const node: FieldNode = {
      kind: Kind.FIELD,
      name: name('node'),
      arguments: [argument('id', idVariable)],
      selectionSet: set([onType(owner.value.typeName as string, selection)]),
    }
    const tail = input.path.slice(owner.value.path.length)
    return request(input, operation, [node], ['node', ...tail], { [idVariable]: id })
  }
  return { reason: start }
}

interface Step {
  readonly field: TypedField
  /** The object of the field. */
  readonly value: TypedObject
  /** The object that has the field. */
  readonly parent: TypedObject
  /** Whether an index in a list is between the field and its object. */
  readonly isInList: boolean
}

/** The fields from the root to the connection. */
function stepsTo(root: TypedValue, path: Path): Step[] | undefined {
  const steps: Step[] = []
  let value: TypedValue | undefined = root
  let pending: { field: TypedField; parent: TypedObject; isInList: boolean } | undefined
  for (const key of path) {
    if (value?.kind === 'list') {
      value = value.items[Number(key)]
      if (pending) pending.isInList = true
    } else if (value?.kind === 'object') {
      const parent: TypedObject = value
      const field: TypedField | undefined = parent.fields.find((each) => each.key === key)
      if (!field?.definition) return undefined
      pending = { field, parent, isInList: false }
      value = field.value
    } else return undefined
    if (value?.kind === 'object' && pending) {
      steps.push({ ...pending, value })
      pending = undefined
    }
  }
  return steps
}

/** Returns the index of the first step that is read again, or why the page cannot be read. */
function startOf(
  steps: readonly Step[],
  operation: OperationDefinitionNode,
  schema: GraphQLSchema,
): number | string {
  const isRepeatable = operation.operation === 'query'
  if (isRepeatable && steps.every(({ isInList }) => !isInList)) return 0
  // Reads only the list of one object: all other items of the list around it stay as they are.
  let withoutId: Step | undefined
  for (let index = steps.length - 2; index >= 0; index--) {
    const step = steps[index] as Step
    if (step.value.typeName && isNode(schema, step.value.typeName)) {
      if (idOf(step.value) !== undefined) return index + 1
      withoutId ??= step
    }
    if (step.isInList) break
  }
  if (!withoutId) return noIdReason(steps, isRepeatable)
  return isRepeatable
    ? `Select the id in ${withoutId.field.key} to load further pages of one of its items.`
    : `Select the id in ${withoutId.field.key} to load further pages without running the operation again.`
}

/** Nothing that could be selected leads to the list again. */
function noIdReason(steps: readonly Step[], isRepeatable: boolean): string {
  const [owner, list] = steps.slice(-2) as [Step, Step]
  const reason = `Further pages are not loaded here, because ${owner.value.typeName ?? 'the object around the list'} has no id`
  return isRepeatable
    ? `${reason}: set after to endCursor in the operation.`
    : `${reason}. The documentation of ${list.field.name} says how to read them.`
}

function isNode(schema: GraphQLSchema, typeName: string): boolean {
  const [type, node] = [schema.getType(typeName), schema.getType('Node')]
  return isObjectType(type) && isInterfaceType(node) && schema.isSubType(node, type)
}

const idOf = (value: TypedObject): unknown => fieldNamed(value, 'id')?.value.raw ?? undefined

function argumentProblem({ definition, nodes }: TypedField): string | undefined {
  if (!definition?.args.some((arg) => arg.name === 'after')) return 'This list has no pages.'
  const used = argumentsOf(nodes).map((each) => each.name.value)
  return used.includes('last') || used.includes('before')
    ? 'Pages from the end (last, before) are not continued here: set before to startCursor.'
    : undefined
}

const argumentsOf = (nodes: TypedField['nodes']): readonly ArgumentNode[] =>
  (nodes[0] as FieldNode).arguments ?? []

/** The selections of the steps, one in the other. The last is the connection. */
function nest(steps: readonly Step[], schema: GraphQLSchema): SelectionNode {
  const [step, ...below] = steps as [Step, ...Step[]]
  const [node] = step.field.nodes as [FieldNode]
  const selected: FieldNode =
    below.length > 0 ? { ...node, selectionSet: set([nest(below, schema)]) } : connectionNode(step)
  const declared = schema.getType(step.parent.typeName ?? '')
  // A field of a fragment needs its type again where the declared type is abstract.
  return isObjectType(declared) && isAbstractParent(step) ? onType(declared.name, selected) : selected
}

function isAbstractParent({ parent }: Step): boolean {
  return parent.type !== undefined && isAbstractType(getNamedType(parent.type))
}

const pageInfo: FieldNode = {
  ...leaf('pageInfo'),
  selectionSet: set([leaf('hasNextPage'), leaf('endCursor')]),
}

const rowFields = new Set(['nodes', 'edges', 'coverage', '__typename'])

/** The connection after the cursor. Totals, which the first page has, are not computed again. */
function connectionNode({ field, value }: Step): FieldNode {
  const [node] = field.nodes as [FieldNode]
  const rows = value.fields
    .filter((each) => rowFields.has(each.name))
    .flatMap((each) => each.nodes as FieldNode[])
  return {
    ...node,
    arguments: [
      ...argumentsOf(field.nodes).filter((each) => each.name.value !== 'after'),
      argument('after', afterVariable),
    ],
    selectionSet: set([...rows, pageInfo]),
  }
}

const operationOf = ({
  document,
  operationName: wanted,
}: NextPageInput): OperationDefinitionNode | undefined => {
  const operations = parse(document).definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  return wanted ? operations.find((each) => each.name?.value === wanted) : operations[0]
}

function request(
  { document, variables = {}, endCursor }: NextPageInput,
  original: OperationDefinitionNode,
  selections: readonly SelectionNode[],
  path: Path,
  added: Readonly<Record<string, unknown>>,
): PageRequest {
  const used = new Set<string>()
  const fragments = parse(document).definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
  const operation: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: 'query' as OperationDefinitionNode['operation'],
    name: name(operationName),
    selectionSet: set(selections),
  }
  // Keeps only the fragments that the page uses.
  const page = separateOperations({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments] })[
    operationName
  ]
  if (!page) throw new Error('the operation of the page is missing')
  visit(page, { Variable: (node) => void used.add(node.name.value) })
  const definitions = [
    ...(original.variableDefinitions ?? []).filter((each) => used.has(each.variable.name.value)),
    variableDefinition(afterVariable, 'String'),
    ...(used.has(idVariable) ? [variableDefinition(idVariable, 'ID!')] : []),
  ]
  const query = print({
    ...page,
    definitions: page.definitions.map((each) =>
      each.kind === Kind.OPERATION_DEFINITION ? { ...each, variableDefinitions: definitions } : each,
    ),
  })
  const kept = Object.fromEntries(Object.entries(variables).filter(([key]) => used.has(key)))
  return {
    operation: { query, operationName, variables: { ...kept, ...added, [afterVariable]: endCursor } },
    path,
  }
}
