// Custom attributes: strings that administrators set for objects of the inventory, such as the date of the last backup. Objects have
// only keys and values; the names are in the definitions of the vCenter, which the same retrieval reads.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { customFieldsManager } from '../../planner/service-objects.ts'
import { isInstance } from '../../soap/type-registry.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'
import { ApiError } from '../errors/api-error.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { nodeAt, requires, requiresPaths } from './field-requirements.ts'
import { int32 } from './units.ts'

/** The value of a custom attribute of an object. */
export interface CustomAttribute {
  readonly owner: ManagedObject
  readonly key: number
  readonly value: string
}

export type CustomAttributeDefinition = DataObject<'CustomFieldDef'>

declare module '../builder.ts' {
  interface ObjectTypes {
    CustomAttribute: CustomAttribute
    CustomAttributeDefinition: CustomAttributeDefinition
  }
}

/** Adds the definitions of custom attributes to what a plan node reads. */
export const planDefinitions = (node: PlanNode): void => {
  node.follow(customFieldsManager).read('field')
}

/**
 * Returns the definitions of the vCenter of an object, which its plan has read; none if the server has no custom attributes.
 *
 * @throws VimFaultError or ApiError if they may not be read
 */
export function definitionsOf(object: ManagedObject): readonly CustomAttributeDefinition[] {
  const [manager] = customFieldsManager.follow(object)
  return manager ? readDefinitions(manager) : []
}

function readDefinitions(
  manager: ManagedObject<'CustomFieldsManager'>,
): readonly CustomAttributeDefinition[] {
  // Names that are not known must not read as names that do not exist: conditions on them would be wrong.
  if (!manager.isLoaded)
    throw new ApiError('FORBIDDEN', 'the definitions of custom attributes cannot be read', {
      remedy: 'Grant the privilege System.View on the vCenter to the account that made the call.',
    })
  const definitions = manager.read('field') ?? []
  for (const { key, name } of definitions) if (!isComplete(key, name)) throw incompleteError('definition')
  return definitions
}

/** A server may leave out what must be there. */
const isComplete = (...values: readonly unknown[]): boolean => !values.includes(undefined)

const incompleteError = (part: string): ApiError =>
  new ApiError('VSPHERE_FAULT', `the vCenter reported an incomplete ${part} of a custom attribute`)

/** Returns the custom attributes of an object that have a value. An empty value is how a value is removed. */
export const customAttributesOf = (object: ManagedObject): CustomAttribute[] =>
  ((object as ManagedObject<'VirtualMachine'>).read('customValue') ?? []).flatMap((each) => {
    if (!isInstance(each, 'CustomFieldStringValue') || each.value === '') return []
    const { key, value } = each
    if (!isComplete(key, value)) throw incompleteError('value')
    return [{ owner: object, key, value }]
  })

/** The names by key, for each list of definitions that was read. */
const namesByKey = new WeakMap<readonly CustomAttributeDefinition[], ReadonlyMap<number, string>>()

function nameOf({ owner, key }: CustomAttribute): string | null {
  const definitions = definitionsOf(owner)
  const names = namesByKey.get(definitions) ?? new Map(definitions.map((each) => [each.key, each.name]))
  namesByKey.set(definitions, names)
  return names.get(key) ?? null
}

builder.objectType('CustomAttribute', {
  description:
    'A custom attribute of an object, with its value. vim25: `CustomFieldStringValue`, `CustomFieldDef.name`.',
  fields: (t) => ({
    key: t.int({
      nullable: false,
      description:
        'Number of the attribute in its vCenter. It stays the same when the attribute is renamed. Source: `key`.',
      resolve: ({ key }) => int32(key),
    }),
    name: t.string({
      ...requires((position) => {
        planDefinitions(nodeAt(position))
        return undefined
      }),
      description:
        'Name of the attribute. Attributes of different types can have the same name. Null, with an error, if the definitions may not be read, and null without one if the attribute was just removed. Source: `CustomFieldsManager.field`.',
      resolve: nameOf,
    }),
    value: t.exposeString('value', {
      nullable: false,
      description:
        'Value, always a text. Dates and numbers are written as the program that set them chose. They are filtered as they are written, without an order: `glob: "2026-0[1-6]-*"` selects the first half of 2026 if dates begin with year and month. Source: `value`.',
    }),
  }),
})

export const customAttributesField = {
  ...requiresPaths('customValue'),
  type: ['CustomAttribute'] as ['CustomAttribute'],
  description:
    'Custom attributes that have a value. Empty on an ESXi host. Source: `customValue`, with names from `CustomFieldsManager.field`.',
  resolve: customAttributesOf,
} as const

builder.objectType('CustomAttributeDefinition', {
  description:
    'A custom attribute that objects can have: those of all types, or of one type only. Names can repeat between types. vim25: `CustomFieldDef`.',
  fields: (t) => ({
    key: t.int({
      nullable: false,
      description: 'Number of the attribute in its vCenter. Source: `key`.',
      resolve: ({ key }) => int32(key),
    }),
    name: t.exposeString('name', { nullable: false, description: 'Name of the attribute. Source: `name`.' }),
    managedObjectType: t.string({
      description:
        'The vim25 type whose objects can have the attribute, such as `VirtualMachine`. Null for all types. Source: `managedObjectType`.',
      resolve: ({ managedObjectType }) => managedObjectType || null,
    }),
  }),
})

/** Reads all definitions of a vCenter, together with everything else that is read in the same tick. */
export async function loadDefinitions({
  source,
  reader,
}: Pick<RequestVCenter, 'source' | 'reader'>): Promise<readonly CustomAttributeDefinition[]> {
  const ref = source.customFieldsManager
  if (!ref) return []
  const manager = reader.objectCache.get<'CustomFieldsManager'>(ref)
  await reader.object(ref, new PlanNode('CustomFieldsManager', 'field'))
  return readDefinitions(manager)
}
