// Determines how to decode an element from its declared type and its xsi:type. Plans are cached, because a large response
// needs each plan hundreds of thousands of times. value-decoder.ts decodes according to these plans.

import { SoapError } from './soap-error.ts'
import {
  type Field,
  fieldsOf,
  fieldsOfSubtypes,
  isDataObject,
  isEnum,
  isPrimitive,
  isSubtype,
} from './type-registry.ts'
import type { XmlTag } from './xml/xml.ts'

/** How to decode an element of a given declared type and xsi:type. All plans have the same properties, so that V8 reads them faster. */
export interface DecodePlan {
  readonly kind:
    | 'object'
    /** An ArrayOfX; its children are the items. */
    | 'array'
    | 'reference'
    | 'string'
    | 'integer'
    /** Another simple type. */
    | 'simple'
    /** An anyType whose type is not declared: decoded as a string if it has only text, otherwise as an empty object. */
    | 'undeclared'
    /** An element that is not decoded, and must have no child elements. */
    | 'empty'
  /** The simple type of text, or the type of an object, declared or not; otherwise empty. */
  readonly typeName: string
  /** For an object, its fields by name; empty for every other kind. */
  readonly members: ReadonlyMap<string, Member>
  /** Whether it has no value of its own before its end: it is decoded from its text. */
  readonly isLeaf: boolean
  /** Whether the code reads required fields of the type without checking that they are present. */
  readonly isStrict: boolean
  /** Number of required fields. */
  readonly required: number
}

/** A field of an object. */
export interface Member extends Field {
  /** Its position among the fields. */
  readonly index: number
  /** Whether this is the value of a property. A decode error in it affects only that property. */
  readonly isPropertyValue: boolean
}

/** How to decode a child of an element. */
export interface ChildPlan {
  readonly parent: DecodePlan
  /** The field; undefined for an item of an array and for an unknown element. */
  readonly member: Member | undefined
  /** undefined for an unknown element, which is skipped. */
  readonly plan: DecodePlan | undefined
}

/** Types of a list of changed areas, which must be complete: in them, an unknown element may have no child elements. */
const areaTypes: ReadonlySet<string> = new Set(['DiskChangeExtent', 'DiskChangeInfo'])

/** Types whose required fields the code reads without checking that they are present. */
const strictTypes: ReadonlySet<string> = new Set([
  'DiskChangeExtent',
  'DiskChangeInfo',
  'DynamicProperty',
  'LocalizedMethodFault',
  'MissingProperty',
  'ObjectContent',
  'ObjectUpdate',
  'ServiceContent',
  'UpdateSet',
  'VirtualMachineSnapshotTree',
])

const noMembers: ReadonlyMap<string, Member> = new Map()

const createPlan = (kind: DecodePlan['kind'], typeName = '', members = noMembers): DecodePlan => ({
  kind,
  typeName,
  members,
  isLeaf: kind !== 'object' && kind !== 'array' && kind !== 'undeclared',
  isStrict: strictTypes.has(typeName),
  required: [...members.values()].filter(({ optional }) => !optional).length,
})

const arrayPlan = createPlan('array')
const referencePlan = createPlan('reference')
const stringPlan = createPlan('string', 'string')
export const emptyPlan = createPlan('empty')

const integerTypes: ReadonlySet<string> = new Set(['byte', 'short', 'int', 'long'])

const isDeclared = (type: string): boolean =>
  isPrimitive(type) || isEnum(type) || isDataObject(type) || type === 'ManagedObjectReference'

const plansByType = new Map<string, Map<string | undefined, DecodePlan>>()

/**
 * Returns the plan for a child element, and keeps it in the tag, which usually comes again in an element of the same type.
 * @throws SoapError as decodePlanFor
 */
export function planChild(parent: DecodePlan, tag: XmlTag): ChildPlan {
  const last = tag.memo as ChildPlan | undefined
  if (last !== undefined && last.parent === parent) return last
  const member = parent.members.get(tag.name)
  const child = { parent, member, plan: planFor(parent, member, tag) }
  tag.memo = child
  return child
}

function planFor(parent: DecodePlan, member: Member | undefined, tag: XmlTag): DecodePlan | undefined {
  if (member) return decodePlanFor(member.type, tag)
  if (parent.kind === 'array') return decodePlanForItem(tag)
  return areaTypes.has(parent.typeName) ? emptyPlan : undefined
}

/**
 * Returns the plan for an element of a declared type; its xsi:type may name a subtype.
 * @throws SoapError if the xsi:type is a declared type but not a subtype of the declared one
 */
export function decodePlanFor(declared: string, tag: XmlTag): DecodePlan {
  const { xsiType } = tag
  // Without an xsi:type, only a reference can be recognized. Everything else is read as text, which makes no assumptions.
  if (xsiType === undefined && declared === 'anyType')
    return tag.type === undefined ? stringPlan : referencePlan
  let plansByXsiType = plansByType.get(declared)
  if (!plansByXsiType) {
    plansByXsiType = new Map()
    plansByType.set(declared, plansByXsiType)
  }
  let plan = plansByXsiType.get(xsiType)
  if (!plan) {
    plan = declared === 'anyType' ? decodePlanForAny(xsiType as string, tag) : resolvePlan(declared, tag)
    // Do not cache undeclared type names: a server could send any number of them.
    if (xsiType === undefined || isDeclared(xsiType)) plansByXsiType.set(xsiType, plan)
  }
  return plan
}

function decodePlanForAny(xsiType: string, tag: XmlTag): DecodePlan {
  if (xsiType.startsWith('ArrayOf')) return arrayPlan
  if (xsiType === 'anyType') return stringPlan
  if (isDeclared(xsiType)) return decodePlanFor(xsiType, tag)
  return createPlan('undeclared', xsiType)
}

function resolvePlan(declared: string, { name, xsiType }: XmlTag): DecodePlan {
  if (declared === 'ManagedObjectReference') return referencePlan
  if (declared === 'string' || isEnum(declared)) return stringPlan
  if (isPrimitive(declared)) return createPlan(integerTypes.has(declared) ? 'integer' : 'simple', declared)
  const typeName = xsiType ?? declared
  const declaredFields = fieldsOf(typeName)
  // An undeclared type, such as one of a newer server, is decoded as the declared type.
  if (declaredFields && isDataObject(declared) && !isSubtype(typeName, declared)) {
    throw new SoapError(`<${name}> is a ${typeName}, which is not a subtype of ${declared}`)
  }
  return createPlan(
    'object',
    typeName,
    declaredFields ? membersOf(typeName) : membersOfUnknownSubtype(declared),
  )
}

/**
 * Returns the fields of a subtype that is not declared, such as the disk backing of a newer server. It inherits from some
 * declared type below `declared`, and which one is unknown, so the fields of all of them are accepted. For faults and events
 * only the fields of `declared` are used, because they must be readable in any case: most classes of events are not declared,
 * and their fields of the same name have different types.
 */
function membersOfUnknownSubtype(declared: string): ReadonlyMap<string, Member> {
  if (isSubtype(declared, 'MethodFault') || isSubtype(declared, 'Event')) return membersOf(declared)
  return membersFor(`subtypes of ${declared}`, declared, fieldsOfSubtypes)
}

const membersOf = (typeName: string): ReadonlyMap<string, Member> => membersFor(typeName, typeName, fieldsOf)

const membersByKey = new Map<string, ReadonlyMap<string, Member>>()

function membersFor(
  key: string,
  typeName: string,
  read: (typeName: string) => ReadonlyMap<string, Field> | undefined,
): ReadonlyMap<string, Member> {
  let members = membersByKey.get(key)
  if (!members) {
    const fields = read(typeName)
    if (!fields) return noMembers
    members = new Map(
      [...fields.values()].map(({ name, type, repeated, optional }, index) => {
        const isPropertyValue = typeName === 'DynamicProperty' && name === 'val'
        return [name, { name, type, repeated, optional, index, isPropertyValue }]
      }),
    )
    membersByKey.set(key, members)
  }
  return members
}

/**
 * Returns the plan for an item of an ArrayOfX. The element name of an item is its declared type. vcsim omits the xsi:type;
 * real servers write it, and it may name a type that is not declared.
 */
function decodePlanForItem(tag: XmlTag): DecodePlan {
  const { name } = tag
  if (isDataObject(name)) return decodePlanFor(name, tag)
  if (tag.type !== undefined) return referencePlan
  return decodePlanFor('anyType', tag.xsiType === undefined ? { ...tag, xsiType: name } : tag)
}
