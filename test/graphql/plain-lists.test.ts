// What is put past the executor stands in the answer just as the executor would have put it there.

import { describe, expect, it } from 'vitest'
import { grain, laboratory } from './changed-areas/laboratory.ts'

/** A disk that three areas of have changed since a point. */
async function changed() {
  const lab = await laboratory()
  const { changeId } = await lab.snapshot()
  for (const each of [0, 2, 4]) lab.write(each * grain, grain)
  return { lab, changeId }
}

/** Asks the disk in a snapshot; `$since` is the point. */
async function ask(fields: string, definitions = '') {
  const { lab, changeId } = await changed()
  const { id } = await lab.snapshot()
  const query = `query ($id: ID!, $since: ChangedSince!, $yes: Boolean! = true) {
    node(id: $id) { ... on VirtualDisk @include(if: $yes) { ${fields} } }
  } ${definitions}`
  return lab.ask(query, { id, since: { changeId } })
}

const starts = [0, 2, 4].map((each) => each * grain)

describe('a list of areas', () => {
  it('has what is selected, under the names and in the order of the selection', async () => {
    const { data } = await ask(
      'areas: changedAreas(since: $since) { nodes { size: length __typename start again: start } }',
    )
    expect(JSON.stringify(data.node.areas.nodes)).toBe(
      JSON.stringify(
        starts.map((start) => ({ size: grain, __typename: 'ChangedArea', start, again: start })),
      ),
    )
  })

  it('knows fragments, directives, and a field that is selected twice', async () => {
    const connection = `areas: changedAreas(since: $since) {
      nodes { ...A start @skip(if: $yes) }
      nodes { ... on ChangedArea @include(if: $yes) { length } }
      aside: nodes { start @include(if: $yes) }
    }`
    const { data } = await ask(connection, 'fragment A on ChangedArea { end: length }')
    expect(data.node.areas).toEqual({
      nodes: starts.map(() => ({ end: grain, length: grain })),
      aside: starts.map((start) => ({ start })),
    })
  })

  it('stands in a payload, and in several places', async () => {
    const { lab, changeId } = await changed()
    const { data } = await lab.ask(
      `mutation ($vm: ID!, $since: ChangedSince!) {
        createSnapshot(input: { virtualMachine: { id: $vm }, name: "point" }) {
          snapshot {
            disks {
              all: changedAreas(since: $since) { nodes { start } }
              one: changedAreas(since: $since, first: 1) { nodes { start } edges { node { start } } }
            }
          }
        }
      }`,
      { vm: lab.vmId, since: { changeId } },
    )
    const [disk] = data.createSnapshot.snapshot.disks
    expect(disk.all.nodes).toEqual(starts.map((start) => ({ start })))
    expect(disk.one.nodes).toEqual([{ start: 0 }])
    expect(disk.one.edges).toEqual([{ node: { start: 0 } }])
  })

  it('goes with what an error beside it nulls', async () => {
    const { data, errors } = await ask(`
      areas: changedAreas(since: $since) { nodes { start } density(buckets: 0) }
      other: changedAreas(since: $since) { nodes { start } edges { node { start @skip(if: $yes) } } }
      refused: changedAreas(since: $since, first: -1) { nodes { start } }
    `)
    expect(errors?.map(({ path }) => path?.slice(1).join('.')).toSorted()).toEqual([
      'areas.density',
      'refused',
    ])
    const nodes = starts.map((start) => ({ start }))
    expect(data.node).toEqual({
      areas: { nodes, density: null },
      other: { nodes, edges: starts.map(() => ({ node: {} })) },
      refused: null,
    })
  })
})
