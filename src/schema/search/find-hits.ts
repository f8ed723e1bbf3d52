// Executes a search: reads what the text can occur in, in one retrieval for all types, and ranks the objects that match.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { PlanNode } from '../../planner/plan-node.ts'
import type { ManagedObjectReference, ManagedObjectType } from '../../soap/vim-types.ts'
import type { EntityType } from '../builder.ts'
import { displayName } from '../core/names.ts'
import { baseTypeOf } from '../core/nodes/node-registry.ts'
import { findAllByIp, findAllByUuid } from '../core/search-index.ts'
import type { RequestVCenter } from '../vcenters.ts'
import { comparePositions, type SearchPosition } from './search-cursor.ts'
import {
  hasField,
  rankOf,
  type SearchFieldName,
  searchedField,
  searchFieldNames,
  unknownValue,
} from './search-fields.ts'
import type { SearchText } from './search-text.ts'

/** What to search for, and where. */
export interface Search {
  readonly text: SearchText
  readonly types: readonly EntityType[]
  readonly fields: readonly SearchFieldName[]
}

/** A field in which the text was found, and its value. */
export interface SearchMatch {
  readonly field: SearchFieldName
  readonly value: string
}

/** An object that matches, with its position among the results. */
export interface SearchHit extends SearchPosition {
  readonly object: ManagedObject
  readonly matches: readonly SearchMatch[]
}

/** The objects that match, the best matches first. */
interface SearchResult {
  readonly hits: readonly SearchHit[]
  /** Number of objects that do not match as far as their values can be read. */
  readonly undecidedCount: number
}

/** Finds all objects that match. */
export async function findHits(search: Search, vcenter: RequestVCenter): Promise<SearchResult> {
  const [scanned, indexed] = await Promise.all([scan(search, vcenter), searchIndex(search, vcenter)])
  const found = await Promise.all(indexed.map(({ refs }) => withNames(refs, vcenter)))
  const matches = new Map<ManagedObject, readonly Ranked[]>()
  const undecided = new Set<ManagedObject>()
  for (const object of scanned) {
    const { matching, isDecided } = compare(object, search)
    matches.set(object, matching)
    if (!isDecided) undecided.add(object)
  }
  for (const [index, { match }] of indexed.entries()) {
    for (const object of found[index] ?? []) {
      const known = matches.get(object) ?? []
      const isKnown = known.some(({ field, rank }) => field === match.field && rank === 0)
      matches.set(object, isKnown ? known : [...known, { ...match, rank: 0 }])
    }
  }
  const hits = [...matches]
    .filter(([, matching]) => matching.length > 0)
    .map(([object, matching]) => hitOf(object, matching))
  for (const { object } of hits) undecided.delete(object)
  return { hits: hits.sort(comparePositions), undecidedCount: undecided.size }
}

interface Ranked extends SearchMatch {
  readonly rank: number
}

function hitOf(object: ManagedObject, found: readonly Ranked[]): SearchHit {
  const sorted = [...found].sort(
    (a, b) => a.rank - b.rank || searchFieldNames.indexOf(a.field) - searchFieldNames.indexOf(b.field),
  )
  return {
    object,
    rank: (sorted[0] as Ranked).rank,
    name: displayName(object),
    moid: object.ref.value,
    matches: sorted.map(({ field, value }) => ({ field, value })),
  }
}

/** Reads the objects of all types in one retrieval. A type in none of whose fields the text can occur is not read. */
async function scan({ text, types, fields }: Search, { reader }: RequestVCenter): Promise<ManagedObject[]> {
  const scans = types.map((type) => {
    const node = new PlanNode(type, 'name')
    const read = fields.filter((field) => hasField(type, field) && searchedField(field).values)
    for (const field of read) searchedField(field).plan?.(node, text)
    return read.length > 0 ? reader.all(node) : []
  })
  return (await Promise.all(scans)).flat()
}

interface Comparison {
  readonly matching: readonly Ranked[]
  /** Whether all values are known. */
  readonly isDecided: boolean
}

/** Compares the values of an object with the text. A value that cannot be read does not match. */
function compare(object: ManagedObject, { text, fields }: Search): Comparison {
  const type = baseTypeOf(object.ref) as EntityType
  const matching: Ranked[] = []
  let isDecided = true
  for (const field of fields) {
    if (!hasField(type, field)) continue
    // The guest and the configuration report the same address, sometimes in another case.
    const distinct = new Map<string, string>()
    for (const value of searchedField(field).values?.(object, text) ?? []) {
      if (value === unknownValue) isDecided = false
      else if (value !== undefined) distinct.set(value.toLowerCase(), value)
    }
    for (const value of distinct.values()) {
      const rank = rankOf(field, value, text)
      if (rank !== undefined) matching.push({ field, value, rank })
    }
  }
  return { matching, isDecided }
}

interface IndexResult {
  readonly refs: readonly ManagedObjectReference[]
  readonly match: SearchMatch
}

/** Finds objects by a complete IP address or UUID in the indexes of vCenter. */
async function searchIndex(
  { text: { ipAddress, uuid }, types, fields }: Search,
  vcenter: RequestVCenter,
): Promise<IndexResult[]> {
  const searches: Promise<IndexResult>[] = []
  const add = (field: SearchFieldName, value: string, refs: Promise<IndexResult['refs'] | undefined>) =>
    searches.push(refs.then((found = []) => ({ refs: found, match: { field, value } })))
  const [machines, hosts] = [types.includes('VirtualMachine'), types.includes('HostSystem')]
  if (ipAddress !== undefined && fields.includes('IP_ADDRESS')) {
    // The scan reads the same address of machines, so a server without this search has no other results.
    if (machines) add('IP_ADDRESS', ipAddress, findAllByIp(ipAddress, true, vcenter))
    if (hosts) add('IP_ADDRESS', ipAddress, findAllByIp(ipAddress, false, vcenter))
  }
  if (uuid !== undefined && fields.includes('UUID')) {
    if (machines) add('UUID', uuid, findAllByUuid(uuid, 'bios', vcenter))
    if (machines) add('UUID', uuid, findAllByUuid(uuid, 'instance', vcenter))
    if (hosts) add('UUID', uuid, findAllByUuid(uuid, 'host', vcenter))
  }
  return Promise.all(searches)
}

/** Returns objects with their names, by which results are sorted. Names that the scan has read are not read again. */
async function withNames(
  refs: readonly ManagedObjectReference[],
  { reader }: RequestVCenter,
): Promise<ManagedObject[]> {
  const [ref] = refs
  if (!ref) return []
  const node = new PlanNode<ManagedObjectType>(baseTypeOf(ref) ?? 'ManagedEntity', 'name')
  return (await reader.objects(refs, node)).filter((each) => each !== undefined)
}
