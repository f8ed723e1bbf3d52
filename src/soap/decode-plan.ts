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
import { localName } from './xml.ts'
import type { XmlTag } from './xml-events.ts'

/** How to decode an element of a given declared type and xsi:type. All plans have the same properties, so that V8 reads them faster. */
export interface DecodePlan {
  readonly kind:
    | 'object'
    /** An ArrayOfX; its children are the items. */
    | 'array'
    | 'reference'
    | 'text'
    /** An anyType whose type is not declared: decoded as a string if it has only text, otherwise as an empty object. */
    | 'undeclared'
  /** The simple type of text, or the type of an object, declared or not; otherwise empty. */
  readonly typeName: string
  /** For an object, its fields by name; empty for every other kind. */
  readonly members: ReadonlyMap<string, Member>
}

/** A field of an object, with its decode plan. */
export interface Member extends Field {
  /** The plan for elements without xsi:type, which are nearly all. Set when it is first needed. */
  defaultPlan: DecodePlan | undefined
  /** Whether this is the value of a property. A decode error in it affects only that property. */
  readonly isPropertyValue: boolean
}

const noMembers: ReadonlyMap<string, Member> = new Map()
const arrayPlan: DecodePlan = { kind: 'array', typeName: '', members: noMembers }
const referencePlan: DecodePlan = { kind: 'reference', typeName: '', members: noMembers }
const stringPlan: DecodePlan = { kind: 'text', typeName: 'string', members: noMembers }

const isDeclared = (type: string): boolean =>
  isPrimitive(type) || isEnum(type) || isDataObject(type) || type === 'ManagedObjectReference'

const plansByType = new Map<string, Map<string | undefined, DecodePlan>>()

export function decodePlanForMember(member: Member, tag: XmlTag): DecodePlan {
  if (tag.xsiType !== undefined || member.type === 'anyType') return decodePlanFor(member.type, tag)
  member.defaultPlan ??= decodePlanFor(member.type, tag)
  return member.defaultPlan
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
  return { kind: 'undeclared', typeName: xsiType, members: noMembers }
}

function resolvePlan(declared: string, { name, xsiType }: XmlTag): DecodePlan {
  if (declared === 'ManagedObjectReference') return referencePlan
  if (isPrimitive(declared)) return { kind: 'text', typeName: declared, members: noMembers }
  if (isEnum(declared)) return stringPlan
  const typeName = xsiType ?? declared
  const declaredFields = fieldsOf(typeName)
  // An undeclared type, such as one of a newer server, is decoded as the declared type.
  if (declaredFields && isDataObject(declared) && !isSubtype(typeName, declared)) {
    throw new SoapError(`<${name}> is a ${typeName}, which is not a subtype of ${declared}`)
  }
  return {
    kind: 'object',
    typeName,
    members: declaredFields ? membersOf(typeName) : membersOfUnknownSubtype(declared),
  }
}

/**
 * Returns the fields of a subtype that is not declared, such as the disk backing of a newer server. It inherits from some
 * declared type below `declared`, and which one is unknown, so the fields of all of them are accepted. For faults only the
 * fields of `declared` are used, because a fault must be readable in any case.
 */
function membersOfUnknownSubtype(declared: string): ReadonlyMap<string, Member> {
  if (isSubtype(declared, 'MethodFault')) return membersOf(declared)
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
      [...fields].map(([name, field]) => [
        name,
        {
          ...field,
          defaultPlan: undefined,
          isPropertyValue: typeName === 'DynamicProperty' && name === 'val',
        },
      ]),
    )
    membersByKey.set(key, members)
  }
  return members
}

/**
 * Returns the plan for an item of an ArrayOfX. The element name of an item is its declared type. vcsim omits the xsi:type;
 * real servers write it, and it may name a type that is not declared.
 * @param shouldDecode whether to decode the content of items of a type; of other items only the type is kept
 */
export function decodePlanForItem(tag: XmlTag, shouldDecode: (typeName: string) => boolean): DecodePlan {
  const name = localName(tag.name)
  if (isDataObject(name)) {
    const plan = decodePlanFor(name, tag)
    return shouldDecode(plan.typeName)
      ? plan
      : { kind: 'undeclared', typeName: plan.typeName, members: noMembers }
  }
  if (tag.type !== undefined) return referencePlan
  return decodePlanFor('anyType', tag.xsiType === undefined ? { ...tag, xsiType: name } : tag)
}
