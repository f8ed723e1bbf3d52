// The map of a disk, from the id of the disk or of an object with disks.

import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isObjectType } from 'graphql'
import { isList } from './argument-names.ts'
import { pretty } from './new-operation.ts'
import type { Use } from './use.ts'

const diskType = 'VirtualDisk'
const areas =
  'totalCount totalLength density(buckets: 128) nodes { start length } pageInfo { hasNextPage endCursor }'
/** Each disk has its own id, whose menu has the map. */
const disks = 'disks { label capacity id }'

/** Returns the operation that draws the map of a disk, or that lists the disks of an object to choose from. */
export function mapUse(schema: GraphQLSchema, type: GraphQLObjectType, id: string): Use | undefined {
  if (!isObjectType(schema.getType(diskType))) return undefined
  if (type.name === diskType) {
    const map = `label capacity id allocatedAreas(first: 2000) { ${areas} }`
    return nodeUse(
      'Map of the disk',
      'DiskMap',
      'Draws which blocks of the disk are allocated.',
      map,
      type,
      id,
    )
  }
  const selection = selectionOf(type)
  if (selection === '') return undefined
  return nodeUse(
    'Map of a disk…',
    'ChooseADisk',
    'Lists the disks. The menu of each has its map.',
    selection,
    type,
    id,
  )
}

/** Selects the disks of an object and of its snapshots: the disk of a running machine can only be read in a snapshot. */
function selectionOf(type: GraphQLObjectType): string {
  const { snapshots } = type.getFields()
  const snapshot = snapshots && getNamedType(snapshots.type)
  const ofSnapshots =
    isObjectType(snapshot) && hasDisks(snapshot) ? `snapshots { path createdAt ${disks} id }` : ''
  const found = [ofSnapshots, hasDisks(type) ? disks : ''].join(' ').trim()
  return found === '' ? '' : `name ${found}`
}

function hasDisks(type: GraphQLObjectType): boolean {
  const field = type.getFields().disks
  return field !== undefined && isList(field.type) && getNamedType(field.type).name === diskType
}

const nodeUse = (
  title: string,
  operationName: string,
  description: string,
  selection: string,
  type: GraphQLObjectType,
  id: string,
): Use => ({
  title,
  description,
  isExample: false,
  isExact: true,
  isMutation: false,
  tab: {
    query: pretty(
      `query ${operationName}($id: ID!) { node(id: $id) { ... on ${type.name} { ${selection} } } }`,
    ),
    variables: { id },
  },
})
