// The fields that a search compares: the types that have them, the properties that are read for them, and their values.

import { ancestors } from '../../planner/ancestors.ts'
import { devicesOf } from '../../planner/device-path.ts'
import { type ManagedObject, readOr } from '../../planner/managed-object.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import { isInstance } from '../../soap/type-registry.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import type { EntityType } from '../builder.ts'
import { displayName, inventoryPath } from '../core/names.ts'
import { canonicalIpAddress, macAddressDigits, type SearchText } from './search-text.ts'

/** How well a value matches: it equals the text, begins with it, or contains it. */
export type Rank = 0 | 1 | 2

/** Marks a value that cannot be read. */
export const unknownValue: unique symbol = Symbol('unknown')

/** A value; undefined if it is unset. */
type SearchedValue = string | undefined | typeof unknownValue

interface SearchedField {
  /** The types whose objects have the field. @default all */
  readonly types?: readonly EntityType[]
  /**
   * Whether a text can occur in the field.
   * @param isNamed - whether the search names the field
   */
  readonly canContain?: (text: SearchText, isNamed: boolean) => boolean
  /** The properties to read from every object; none if the objects are found by SearchIndex. */
  readonly plan?: (node: PlanNode, text: SearchText) => void
  /** Returns the values of an object. */
  readonly values?: (object: ManagedObject, text: SearchText) => readonly SearchedValue[]
  /** @default compares the text with the value, without regard to case */
  readonly rank?: (value: string, text: SearchText) => Rank | undefined
}

const ethernetCards = devicesOf('VirtualEthernetCard')

const asMachine = (object: ManagedObject) => object as ManagedObject<'VirtualMachine'>

/** Returns the value at the first of several paths that is set; `unknown` if there is none and one of them cannot be read. */
function valueAt(object: ManagedObject, ...paths: readonly string[]): SearchedValue {
  const found = paths
    .map((path) => asMachine(object).tryRead(path as 'name'))
    .find((value) => value !== undefined)
  return found ?? (paths.some((path) => object.isUnreadable(path)) ? unknownValue : undefined)
}

/** Returns the network interfaces that a guest reports, or `unknown`. */
const guestInterfaces = (
  object: ManagedObject,
): readonly DataObject<'GuestNicInfo'>[] | typeof unknownValue =>
  readOr(() => asMachine(object).read('guest.net') ?? [], unknownValue)

/** Returns the network cards of a machine, or `unknown`. Without `config` they are unknown too. */
const cardsOf = (object: ManagedObject): readonly DataObject<'VirtualEthernetCard'>[] | typeof unknownValue =>
  readOr(
    () =>
      asMachine(object)
        .devices(ethernetCards)
        ?.filter((device) => isInstance(device, 'VirtualEthernetCard')),
    undefined,
  ) ?? unknownValue

const macAddressesIn = (
  source: readonly { readonly macAddress?: string | undefined }[] | typeof unknownValue,
): readonly SearchedValue[] =>
  source === unknownValue ? [unknownValue] : source.map(({ macAddress }) => macAddress)

function rankOfText(value: string, { text }: SearchText): Rank | undefined {
  const at = value.toLowerCase().indexOf(text)
  if (at < 0) return undefined
  return at > 0 ? 2 : value.toLowerCase() === text ? 0 : 1
}

const exactly =
  (isEqual: (value: string, text: SearchText) => boolean) =>
  (value: string, text: SearchText): Rank | undefined =>
    isEqual(value, text) ? 0 : undefined

/** By the name of the enum value of SearchField, in the order in which matches are listed. */
const searchedFields = {
  NAME: {
    plan: (node) => node.read('name'),
    values: (object) => [valueAt(object, 'name') === unknownValue ? unknownValue : displayName(object)],
  },
  MOID: {
    values: ({ ref }) => [ref.value],
    rank: exactly((value, { text }) => value.toLowerCase() === text),
  },
  HOST_NAME: {
    types: ['VirtualMachine'],
    plan: (node) => node.read('guest.hostName', 'summary.guest.hostName'),
    values: (object) => [valueAt(object, 'guest.hostName', 'summary.guest.hostName')],
  },
  IP_ADDRESS: {
    types: ['VirtualMachine', 'HostSystem'],
    canContain: ({ text }, isNamed) => /^[0-9a-f.:%]+$/.test(text) && (isNamed || /[.:]/.test(text)),
    plan: (node, { ipAddress }) => {
      if (node.type !== 'VirtualMachine') return
      node.read('guest.ipAddress', 'summary.guest.ipAddress')
      if (ipAddress !== undefined) node.read('guest.net')
    },
    values: (object, { ipAddress }) => {
      if (object.ref.type !== 'VirtualMachine') return []
      const primary = valueAt(object, 'guest.ipAddress', 'summary.guest.ipAddress')
      if (ipAddress === undefined) return [primary]
      const interfaces = guestInterfaces(object)
      return interfaces === unknownValue
        ? [primary, unknownValue]
        : [primary, ...interfaces.flatMap((each) => each.ipAddress ?? [])]
    },
    rank: (value, text) =>
      text.ipAddress !== undefined && canonicalIpAddress(value) === text.ipAddress
        ? 0
        : rankOfText(value, text),
  },
  MAC_ADDRESS: {
    types: ['VirtualMachine'],
    canContain: ({ macAddress }) => macAddress !== undefined,
    plan: (node) => node.read(ethernetCards, 'guest.net'),
    values: (object) => [...macAddressesIn(cardsOf(object)), ...macAddressesIn(guestInterfaces(object))],
    rank: exactly((value, { macAddress }) => macAddressDigits(value) === macAddress),
  },
  UUID: {
    types: ['VirtualMachine', 'HostSystem'],
    canContain: ({ uuid }) => uuid !== undefined,
  },
  ANNOTATION: {
    types: ['VirtualMachine'],
    plan: (node) => node.read('config.annotation', 'summary.config.annotation'),
    values: (object) => [valueAt(object, 'config.annotation', 'summary.config.annotation')],
  },
  PATH: {
    // A path contains the names of all folders above, so any name would also match everything below it.
    canContain: ({ text }, isNamed) => isNamed || text.includes('/'),
    plan: (node) => node.read('name').follow(ancestors),
    values: (object) => [readOr(() => inventoryPath(object), undefined) ?? unknownValue],
  },
} as const satisfies Readonly<Record<string, SearchedField>>

export type SearchFieldName = keyof typeof searchedFields

export const searchFieldNames = Object.keys(searchedFields) as readonly SearchFieldName[]

export const searchedField = (name: SearchFieldName): SearchedField => searchedFields[name]

/** Whether objects of a type have a field. */
export const hasField = (type: EntityType, name: SearchFieldName): boolean =>
  searchedField(name).types?.includes(type) ?? true

/** Returns how well a value of a field matches a text; undefined if it does not. */
export const rankOf = (name: SearchFieldName, value: string, text: SearchText): Rank | undefined =>
  (searchedField(name).rank ?? rankOfText)(value, text)
