// The setCustomAttribute mutation, by SetField, which starts no task: the change is complete when vSphere responds.

import type { InventoryReader } from '../../planner/inventory-reader.ts'
import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import { managedTypeAncestry } from '../../soap/type-registry.ts'
import type { ManagedObjectReference } from '../../soap/vim-types.ts'
import type { EntityType } from '../builder.ts'
import type { VCenterContext } from '../context.ts'
import {
  type CustomAttributeDefinition,
  customAttributesOf,
  definitionsOf,
  planDefinitions,
} from '../core/custom-attributes.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { displayName } from '../core/names.ts'
import { loadReference } from '../core/nodes/load-node.ts'
import { ApiError, notFoundError } from '../errors/api-error.ts'
import type { Observation } from '../tasks/recover-task.ts'
import { declareMutation } from './declare-mutation.ts'
import { callDescribingConflict } from './send-change.ts'
import { requireEntity } from './targets.ts'

/** The source of the payload. */
interface ChangedEntity {
  readonly entity: ManagedObjectReference
  readonly reader: InventoryReader
}

declareMutation('setCustomAttribute', {
  description:
    'Sets the value of a custom attribute of an object. Completes without a task. NOT_SUPPORTED on an ESXi host, which has no custom attributes. Needs the privilege Global.SetCustomField on the object. Source: `SetField`.',
  input: {
    description: 'The object, the custom attribute, and its value.',
    fields: (t) => ({
      entity: t.id({ required: true, description: 'Global id of the object.' }),
      name: t.string({
        required: true,
        description:
          'Exact name of the attribute. One that is defined for the object’s type takes precedence over one for all types.',
      }),
      value: t.string({ required: true, description: 'The new value. An empty text removes the value.' }),
    }),
  },
  resolve: async ({ entity: id, name, value }, requestContext): Promise<ChangedEntity> => {
    const { ref: entity, context } = await requireEntity(id, requestContext)
    const manager = context.vcenter.source.customFieldsManager
    if (!manager)
      throw new ApiError('NOT_SUPPORTED', 'this server has no custom attributes', {
        remedy: 'An ESXi host has none. Use the gateway of the vCenter that manages it.',
      })
    const before = await loadEntity(entity, context)
    context.mutation?.setSubject({ ref: entity, name: displayName(before) })
    const { key } = requireDefinition(before, name)
    await callDescribingConflict(
      'SetField',
      manager,
      { entity, key, value },
      () => verifyValue(entity, { key, name, value }, context),
      context,
      entity,
    )
    return { entity, reader: context.vcenter.resetReader() }
  },
  payload: {
    description: 'The object after the change.',
    fields: (t) => ({
      entity: t.field({
        ...noRequirements,
        type: 'ManagedEntity',
        description: 'The object, read after the change.',
        resolve: async ({ entity, reader }, _args, context, info) =>
          ((await loadReference(entity, reader, context, info)) ?? null) as ManagedObject<EntityType> | null,
      }),
    }),
  },
})

/** Reads an object and its custom attributes; not with the request's own reader, whose data may be from before the change. */
async function loadEntity(entity: ManagedObjectReference, context: VCenterContext): Promise<ManagedObject> {
  const node = new PlanNode('ManagedEntity', 'name', 'customValue')
  planDefinitions(node)
  const object = await context.vcenter.freshReader().object(entity, node)
  if (object) return object
  throw notFoundError(`${entity.type} ${entity.value}`)
}

/**
 * Returns the definition that a name has for the type of an object: the one of its most specific type, otherwise the one for all types.
 *
 * @throws ApiError NOT_FOUND if there is none
 */
function requireDefinition(object: ManagedObject, name: string): CustomAttributeDefinition {
  // From the object's own type up to the definitions for all types.
  const types = [...managedTypeAncestry(object.ref.type), undefined]
  const rankOf = ({ managedObjectType }: CustomAttributeDefinition) =>
    types.indexOf(managedObjectType || undefined)
  const usable = definitionsOf(object).filter((each) => rankOf(each) >= 0)
  const [definition] = usable
    .filter((each) => each.name === name)
    .sort((one, other) => rankOf(one) - rankOf(other))
  if (definition) return definition
  const names = [...new Set(usable.map((each) => JSON.stringify(each.name)))].sort()
  throw new ApiError(
    'NOT_FOUND',
    `objects of type ${object.ref.type} have no custom attribute ${JSON.stringify(name)}`,
    {
      remedy:
        names.length > 0
          ? `Use one of ${names.join(', ')}, with the same case, or define the attribute in vCenter.`
          : 'Define the attribute in vCenter.',
    },
  )
}

/** SetField, which starts no task: applied once the attribute has the value, or none if the value is empty. */
async function verifyValue(
  entity: ManagedObjectReference,
  { key, name, value }: { readonly key: number; readonly name: string; readonly value: string },
  context: VCenterContext,
): Promise<Observation> {
  const current = customAttributesOf(await loadEntity(entity, context)).find((each) => each.key === key)
  return {
    applied: (current?.value ?? '') === value,
    description: `the custom attribute ${JSON.stringify(name)} of ${entity.value} ${current ? `is ${JSON.stringify(current.value)}` : 'has no value'}`,
  }
}
