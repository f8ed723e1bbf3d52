// The types of search results. What a selection reads of the objects is planned once the objects on the page, and with them their
// types, are known.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { builder, type EntityType } from '../builder.ts'
import { noRequirements, postponesPlan } from '../core/field-requirements.ts'
import { connectionCost } from '../cost/cost-estimate.ts'
import type { SearchHit, SearchMatch } from './find-hits.ts'
import { type SearchFieldName, searchFieldNames } from './search-fields.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    SearchConnection: SearchPage
    SearchEdge: SearchEdge
    SearchMatch: SearchMatch
  }
}

interface SearchEdge extends SearchHit {
  readonly cursor: string
}

interface SearchPage {
  readonly edges: readonly SearchEdge[]
  readonly totalCount: number
  readonly source: object
  readonly undecidedCount: number
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

const fieldDescriptions: Readonly<Record<SearchFieldName, string>> = {
  NAME: 'The display name.',
  MOID: 'The managed object id, such as `vm-62`. It matches only as a whole.',
  HOST_NAME: 'The host name of a guest. Source: `guest.hostName`.',
  IP_ADDRESS:
    'The IP addresses of guests and hosts. A complete address is found in all of them, in any notation; a part of one only in the primary addresses of guests. Source: `SearchIndex.FindAllByIp`, `guest.ipAddress`, `guest.net`.',
  MAC_ADDRESS:
    'The MAC addresses of network cards and guests. They match only as a whole, with or without separators. Source: `config.hardware.device`, `guest.net`.',
  UUID: 'The BIOS and instance UUIDs of virtual machines, and the hardware UUIDs of hosts. They match only as a whole. Source: `SearchIndex.FindAllByUuid`.',
  ANNOTATION: 'The notes about a virtual machine. Source: `config.annotation`.',
  PATH: 'The inventory path, with escapes as vSphere writes them. Unless `in` names it, only a text with a slash is searched in paths. Source: `name` and `parent` of the object and its ancestors.',
}

export const SearchField = builder.enumType('SearchField', {
  description: 'Where to search.',
  values: Object.fromEntries(
    searchFieldNames.map((name) => [name, { description: fieldDescriptions[name] }]),
  ) as Record<SearchFieldName, { description: string }>,
})

builder.objectType('SearchMatch', {
  description: 'A field in which the text was found, and its value.',
  fields: (t) => ({
    field: t.expose('field', { type: SearchField, nullable: false, description: 'The field.' }),
    value: t.exposeString('value', { nullable: false, description: 'The value of the field.' }),
  }),
})

builder.objectType('SearchEdge', {
  description: 'A search result: an object, and what matched.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      nullable: false,
      description: 'Opaque position of this result.',
    }),
    node: t.field({
      ...postponesPlan,
      type: 'ManagedEntity',
      nullable: false,
      description: 'The object.',
      resolve: ({ object }) => object as ManagedObject<EntityType>,
    }),
    matches: t.expose('matches', {
      type: ['SearchMatch'],
      nullable: { list: false, items: false },
      description: 'The fields in which the text was found, the best match first.',
    }),
  }),
})

builder.objectType('SearchConnection', {
  description: 'A page of search results, with the information to read further pages.',
  extensions: { size: connectionCost },
  fields: (t) => ({
    nodes: t.field({
      ...postponesPlan,
      type: ['ManagedEntity'],
      nullable: { list: false, items: false },
      description: 'The objects on this page, the best match first.',
      resolve: ({ edges }) => edges.map(({ object }) => object as ManagedObject<EntityType>),
    }),
    edges: t.expose('edges', {
      type: ['SearchEdge'],
      nullable: { list: false, items: false },
      description: 'The results on this page, each with what matched and its cursor.',
    }),
    pageInfo: t.field({
      ...noRequirements,
      type: 'PageInfo',
      nullable: false,
      description: 'The position of this page in the results.',
      resolve: (page) => page,
    }),
    totalCount: t.exposeInt('totalCount', {
      description: 'Number of objects in which the text was found, on all pages.',
    }),
    coverage: t.field({
      extensions: { ...noRequirements.extensions, length: () => 1 },
      type: ['Coverage'],
      nullable: { list: false, items: false },
      description:
        'What the response accounts for, by vCenter. An object that does not match as far as its values can be read counts as undecided.',
      resolve: ({ source, undecidedCount }) => [{ source, undecidedCount, isComplete: true, error: null }],
    }),
  }),
})
