// The fields of the schema as conditions, sort keys and statistics use them: read from the field declarations, so that each field is
// declared once. A field's own plan adds what it needs, and its own resolver returns the value.

import type {
  PothosOutputFieldConfig,
  PothosOutputFieldType,
  PothosTypeConfig,
  SchemaTypes,
} from '@pothos/core'
import { isUnreadable, ManagedObject } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { FieldPlan } from '../../../planner/selection.ts'
import type { Traversal } from '../../../planner/traversals.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors/api-error.ts'
import { nodeTypeOf } from '../nodes/node-registry.ts'
import type { Marks } from './marks.ts'

type Builder = PothosSchemaTypes.SchemaBuilder<SchemaTypes>
type FieldConfig = PothosOutputFieldConfig<SchemaTypes>

/** What a field returns: a scalar or enum value, an object, or a list of one of them. */
type Shape = 'leaf' | 'leaves' | 'object' | 'objects'

export interface DerivedField {
  readonly name: string
  readonly description: string
  readonly shape: Shape
  /** Name of the GraphQL type of the value, or of the items of the list. */
  readonly typeName: string
  readonly marks: Marks
  /** Whether the value is read from the same object: nothing is planned, and the fields below are planned at the same position. */
  readonly isTransparent: boolean
  /** Adds what the field needs to the plan node of its object, and returns the position of the selection below. */
  plan(position: PlanNode, context: Context): PlanNode
  /**
   * Returns the value of an object; null or undefined if it is unset.
   *
   * @throws VimFaultError, SoapError or ApiError if the value cannot be read or is invalid
   */
  value(object: object, context: Context): unknown
}

/** Whether an error means that a value cannot be read or is invalid. Any other is a bug. */
export const isUnreadableValue = (error: unknown): boolean => isUnreadable(error) || error instanceof ApiError

/** What `readField` returns for a value that cannot be read. */
export const unreadable = Symbol('unreadable')

/** Returns the value of a field, or `unreadable`. */
export function readField(field: DerivedField, object: object, context: Context): unknown {
  try {
    return field.value(object, context)
  } catch (error) {
    if (isUnreadableValue(error)) return unreadable
    throw error
  }
}

/** Where the objects of a connection field come from; in `extensions.edge` of the field. */
export interface FieldEdge {
  readonly traversal: Traversal
  readonly typeName: string
}

/** Returns the fields of an object type that conditions can use, those of its interfaces included. */
export function derivedFieldsOf(builder: Builder, typeName: string): DerivedField[] {
  const fields = [...fieldConfigsOf(builder, typeName).values()].flatMap(
    (config) => derivedField(builder, config) ?? [],
  )
  const isInterface = builder.configStore.getTypeConfig(typeName).kind === 'Interface'
  return isInterface ? [typeField, ...fields.filter(({ marks }) => !marks.ofObjectsOnly)] : fields
}

/** The type of an object, as a condition on an interface. It is no field, because `__typename` returns it. */
const typeField: DerivedField = {
  name: 'type',
  description: 'Type of the object.',
  shape: 'leaf',
  typeName: 'EntityType',
  marks: {},
  isTransparent: true,
  plan: (position) => position,
  value: (object) => nodeTypeOf((object as ManagedObject).ref)?.name,
}

/** Returns the declarations of all fields of an object type, those of its interfaces included. */
export function fieldConfigsOf(builder: Builder, typeName: string): ReadonlyMap<string, FieldConfig> {
  const { configStore } = builder
  const type = configStore.getTypeConfig(typeName) as Extract<PothosTypeConfig, { kind: 'Object' }>
  const fields = new Map<string, FieldConfig>()
  for (const each of type.interfaces ?? [])
    for (const [name, config] of fieldConfigsOf(builder, configStore.getTypeConfig(each as never).name))
      fields.set(name, config)
  for (const [name, config] of configStore.getFields(typeName)) fields.set(name, config as FieldConfig)
  return fields
}

const marksOf = ({ pothosOptions }: FieldConfig): Marks => pothosOptions.derives ?? {}

function derivedField(builder: Builder, config: FieldConfig): DerivedField | undefined {
  const marks = marksOf(config)
  if (marks.nothing !== undefined || hasRequiredArguments(config)) return undefined
  const { extensions, name, resolve } = config
  const edge = extensions?.edge as FieldEdge | undefined
  const plan = extensions?.plan as FieldPlan<Context> | undefined
  const { kind, ref, isList } = namedType(config.type)
  const info = { fieldName: name } as never
  const args = defaultArguments(config)
  const isLeaf = kind === 'Scalar' || kind === 'Enum'
  return {
    name,
    description: config.description ?? '',
    marks,
    typeName: edge?.typeName ?? builder.configStore.getTypeConfig(ref as never).name,
    shape: isLeaf ? (isList ? 'leaves' : 'leaf') : isList || edge ? 'objects' : 'object',
    isTransparent: !plan && !edge,
    plan: (position, context) => {
      // Only objects that vSphere returns are on a connection, so that one property is read even for `{}`.
      if (edge) return position.follow(edge.traversal).read('name')
      if (marks.read) return marks.read.plan(position)
      // The field node identifies a selection; only the plans of connections use it.
      const below = plan ? plan(position, args, context, undefined as never) : position
      return below instanceof PlanNode ? below : position
    },
    value: (object, context) =>
      edge
        ? edge.traversal.follow(object as ManagedObject)
        : marks.read
          ? marks.read.value(object as never)
          : // Exposed fields are resolved by their name.
            resolve?.(object, noArguments, context, info),
  }
}

const noArguments = {}

function hasRequiredArguments({ args }: FieldConfig): boolean {
  return Object.values(args ?? {}).some(
    ({ type, defaultValue }) => type.required && defaultValue === undefined,
  )
}

/** The arguments of a field that is selected without arguments. */
const defaultArguments = ({ args }: FieldConfig): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(args ?? {}).flatMap(([name, { defaultValue }]) =>
      defaultValue === undefined ? [] : [[name, defaultValue]],
    ),
  )

function namedType(type: PothosOutputFieldType<SchemaTypes>): {
  readonly kind: string
  readonly ref: unknown
  readonly isList: boolean
} {
  if (type.kind === 'List') return { ...namedType(type.type), isList: true }
  return { kind: type.kind, ref: type.ref, isList: false }
}

/**
 * A property that every readable configuration has, by type. While it is unset, `config` is unset, and with it all values below: of an
 * inaccessible virtual machine, or of a disconnected host.
 */
const configProbes: { readonly [type in string]?: string } = {
  VirtualMachine: 'config.version',
  HostSystem: 'config.host',
}

/**
 * Finds out whether the values of a field are unknown rather than unset while they are null: those below `config`, if it is unset.
 *
 * @returns undefined if the field does not depend on `config`
 */
export function configProbeOf(
  field: DerivedField,
  position: PlanNode,
  context: Context,
): { readonly path: string; readonly isUnknown: (object: object) => boolean } | undefined {
  const probe = configProbes[position.type]
  if (probe === undefined) return undefined
  const scratch = new PlanNode(position.type)
  scratch.owner = position.owner
  field.plan(scratch, context)
  if (![...scratch.paths].some((path) => path.startsWith('config.'))) return undefined
  return {
    path: probe,
    isUnknown: (object) =>
      object instanceof ManagedObject &&
      (object as ManagedObject<'VirtualMachine'>).tryRead(probe as 'config.version') === undefined,
  }
}
