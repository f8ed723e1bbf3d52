// What an element is read as: worked out once from its declared type and its xsi:type, and kept, as a large answer asks for
// each hundreds of thousands of times. value-decoder.ts reads by it.

import { SoapError } from './soap-error.ts'
import {
  type Field,
  fieldsOf,
  fieldsOfSubtypes,
  isDataObject,
  isEnum,
  isPrimitive,
  isSubtype,
} from './vim-types.ts'
import { localName } from './xml.ts'
import type { XmlTag } from './xml-events.ts'

/** What an element is read as, once its declared type and its xsi:type are known. All have the same properties: V8 then reads them faster. */
export interface DecodePlan {
  readonly kind:
    | 'object'
    /** An ArrayOfX: its children are the items. */
    | 'array'
    | 'reference'
    | 'text'
    /** An anyType of a type that we do not declare: an enumeration or simple type if it is text, else an empty object. */
    | 'undeclared'
  /** Of a text, the simple type that it is. */
  readonly typeName: string
  /** Of an object, its fields by name. */
  readonly members: ReadonlyMap<string, Member>
}

/** A field of an object, and how it is read where no xsi:type says otherwise, which is nearly everywhere. */
export interface Member extends Field {
  defaultPlan: DecodePlan | undefined
  /** Whether it is the value of a property: what cannot be read in it is an error of that property alone. */
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

/** How an element of a declared type is read; its xsi:type may name a subtype. */
export function decodePlanFor(declared: string, tag: XmlTag): DecodePlan {
  const { xsiType } = tag
  // Without an xsi:type only references can be told; text is the one reading that invents nothing.
  if (xsiType === undefined && declared === 'anyType')
    return tag.type === undefined ? stringPlan : referencePlan
  let plansByXsiType = plansByType.get(declared)
  if (!plansByXsiType) {
    plansByXsiType = new Map()
    plansByType.set(declared, plansByXsiType)
  }
  let plan = plansByXsiType.get(xsiType)
  if (!plan) {
    plan = declared === 'anyType' ? decodePlanForAny(xsiType as string, tag) : resolveShape(declared, tag)
    // Names that a server makes up are not collected.
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

function resolveShape(declared: string, { name, xsiType }: XmlTag): DecodePlan {
  if (declared === 'ManagedObjectReference') return referencePlan
  if (isPrimitive(declared)) return { kind: 'text', typeName: declared, members: noMembers }
  if (isEnum(declared)) return stringPlan
  const typeName = xsiType ?? declared
  const declaredFields = fieldsOf(typeName)
  // A type that a newer server made up reads as the declared one that it stands for.
  if (declaredFields && isDataObject(declared) && !isSubtype(typeName, declared)) {
    throw new SoapError(`<${name}> should be a ${declared} but is a ${typeName}`)
  }
  return {
    kind: 'object',
    typeName,
    members: declaredFields ? membersOf(typeName) : membersOfUnknownSubtype(declared),
  }
}

/**
 * Of a subtype that we do not declare, such as the backing of a disk on a newer server: it has the fields of its nearest
 * ancestor, whichever that is, and shows by its elements which they are. Not of a fault, which must be read in any case.
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

// The items of an array are called by their declared type. vcsim leaves their xsi:type off; real servers write it, and it
// may be one that we do not declare.
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
