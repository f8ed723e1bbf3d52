// Compares search with a plain model: the values of all objects in memory, compared with the text, sorted and sliced. CASES sets the
// number of searches, SEED selects them.

import fc from 'fast-check'
import type { ExecutionResult } from 'graphql'
import { afterAll, expect, it } from 'vitest'
import type { SimulatedObject } from '../../../src/simulator/index.ts'
import type { DataObject, ManagedObjectReference } from '../../../src/soap/vim-types.ts'
import { startGateway } from '../../test-gateway.ts'

const numRuns = Number(process.env.CASES ?? 150)
const seed = Number(process.env.SEED ?? 14)

const gateway = startGateway({ vms: 60 })
afterAll(() => gateway.close())

// ---- the model

type Field = 'NAME' | 'MOID' | 'HOST_NAME' | 'IP_ADDRESS' | 'MAC_ADDRESS' | 'UUID' | 'ANNOTATION' | 'PATH'
const fields: readonly Field[] = [
  'NAME',
  'MOID',
  'HOST_NAME',
  'IP_ADDRESS',
  'MAC_ADDRESS',
  'UUID',
  'ANNOTATION',
  'PATH',
]

const typeOf: Readonly<Record<string, string>> = {
  VirtualMachine: 'VIRTUAL_MACHINE',
  HostSystem: 'HOST_SYSTEM',
  ComputeResource: 'COMPUTE_RESOURCE',
  ClusterComputeResource: 'COMPUTE_RESOURCE',
  ResourcePool: 'RESOURCE_POOL',
  VirtualApp: 'RESOURCE_POOL',
  Datacenter: 'DATACENTER',
  Datastore: 'DATASTORE',
  Folder: 'FOLDER',
  StoragePod: 'STORAGE_POD',
  Network: 'NETWORK',
  DistributedVirtualPortgroup: 'NETWORK',
  VmwareDistributedVirtualSwitch: 'DISTRIBUTED_VIRTUAL_SWITCH',
}
const entityTypes = [...new Set(Object.values(typeOf))]

interface Entry {
  readonly moid: string
  readonly type: string
  readonly name: string
  /** The values that are always compared. */
  readonly values: Partial<Record<Field, readonly string[]>>
  /** The addresses that are compared with a complete address only. */
  readonly allAddresses: readonly string[]
}

const { objects, inventory } = gateway.simulator
const at = (ref: unknown) => objects.find(ref as ManagedObjectReference)

function pathOf(object: SimulatedObject): string {
  const isMachine = object.type === 'VirtualMachine'
  const names: string[] = []
  for (
    let each: SimulatedObject | undefined = object;
    each && each.moid !== inventory.rootFolder.value;
    each = at(
      (isMachine ? each.get('parentFolder') : undefined) ?? each.get('parent') ?? each.get('parentVApp'),
    )
  )
    names.unshift(String(each.get('name')))
  return `/${names.join('/')}`
}

const set = (values: readonly (string | undefined)[]) => values.filter((each) => each !== undefined)

function entryOf(object: SimulatedObject): Entry {
  const name = String(object.get('name')).replace('%2f', '/')
  const common = { NAME: [name], MOID: [object.moid], PATH: [pathOf(object)] }
  const base = { moid: object.moid, type: typeOf[object.type] as string, name, allAddresses: [] }
  if (object.type === 'HostSystem') {
    const { hardware } = object.get('summary') as DataObject<'HostListSummary'>
    return { ...base, values: { ...common, UUID: set([hardware?.uuid]) } }
  }
  if (object.type !== 'VirtualMachine') return { ...base, values: common }
  const config = object.get('config') as DataObject<'VirtualMachineConfigInfo'> | undefined
  const guest = object.get('guest') as DataObject<'GuestInfo'> | undefined
  const summary = object.get('summary') as DataObject<'VirtualMachineSummary'>
  const nics = guest?.net ?? []
  const cards = (config?.hardware.device ?? []) as readonly { readonly macAddress?: string }[]
  return {
    ...base,
    values: {
      ...common,
      HOST_NAME: set([guest?.hostName ?? summary.guest?.hostName]),
      IP_ADDRESS: set([guest?.ipAddress ?? summary.guest?.ipAddress]),
      MAC_ADDRESS: set([...cards, ...nics].map(({ macAddress }) => macAddress)),
      // SearchIndex finds machines by config only.
      UUID: set([config?.uuid, config?.instanceUuid]),
      ANNOTATION: set([config?.annotation ?? summary.config.annotation]),
    },
    allAddresses: nics.flatMap(({ ipAddress }) => ipAddress ?? []),
  }
}

interface Arguments {
  readonly text: string
  readonly types?: readonly string[] | undefined
  readonly in?: readonly Field[] | undefined
}

const digits = (text: string) => text.toLowerCase().replace(/[^0-9a-f]/g, '')
const isAddress = (text: string) => /^\d+\.\d+\.\d+\.\d+$/.test(text)
const isMac = (text: string) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^[0-9a-f]{12}$/i.test(text)
const isUuid = (text: string) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)

const canContain = (field: Field, { text, in: named }: Arguments): boolean =>
  field === 'PATH'
    ? named !== undefined || text.includes('/')
    : field === 'MAC_ADDRESS'
      ? isMac(text)
      : field === 'UUID'
        ? isUuid(text)
        : field === 'IP_ADDRESS'
          ? /^[0-9a-f.:]+$/i.test(text) && (named !== undefined || /[.:]/.test(text))
          : true

function rank(field: Field, value: string, text: string): number | undefined {
  if (field === 'MAC_ADDRESS' || field === 'UUID') return digits(value) === digits(text) ? 0 : undefined
  const [own, other] = [value.toLowerCase(), text.toLowerCase()]
  if (own === other) return 0
  if (field === 'MOID') return undefined
  return own.startsWith(other) ? 1 : own.includes(other) ? 2 : undefined
}

interface Result {
  readonly moid: string
  readonly name: string
  readonly rank: number
  readonly matches: readonly string[]
}

function model(entries: readonly Entry[], args: Arguments): Result[] {
  const results: Result[] = []
  const text = args.text.trim()
  for (const { moid, type, name, values, allAddresses } of entries) {
    if (args.types && !args.types.includes(type)) continue
    const found = fields
      .filter((field) => (args.in ?? fields).includes(field) && canContain(field, { ...args, text }))
      .flatMap((field) => {
        const more = field === 'IP_ADDRESS' && isAddress(text) ? allAddresses : []
        const distinct = new Set([...(values[field] ?? []), ...more])
        return [...distinct].map((value) => ({ match: `${field} ${value}`, rank: rank(field, value, text) }))
      })
      .filter((each) => each.rank !== undefined)
    if (found.length === 0) continue
    const best = Math.min(...found.map((each) => each.rank as number))
    results.push({ moid, name, rank: best, matches: found.map(({ match }) => match).sort() })
  }
  const key = ({ rank: best, name, moid }: Result) => [String(best), name.toLowerCase(), name, moid]
  return results.sort((a, b) => {
    const [one, two] = [key(a), key(b)]
    const index = one.findIndex((each, position) => each !== two[position])
    return index < 0 ? 0 : (one[index] as string) < (two[index] as string) ? -1 : 1
  })
}

// ---- the comparison

const query = `query ($text: String!, $types: [EntityType!], $in: [SearchField!], $first: Int, $after: String) {
  search(text: $text, types: $types, in: $in, first: $first, after: $after) {
    totalCount
    edges { node { moid name } matches { field value } }
    pageInfo { hasNextPage endCursor }
  }
}`

interface Page {
  readonly totalCount: number
  readonly edges: readonly {
    readonly node: { readonly moid: string; readonly name: string }
    readonly matches: readonly { readonly field: string; readonly value: string }[]
  }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

async function searched(args: Arguments, first: number): Promise<Omit<Result, 'rank'>[] | string> {
  const results: Omit<Result, 'rank'>[] = []
  let after: string | null = null
  for (;;) {
    const result: ExecutionResult<{ readonly search: Page }> = await gateway.execute(query, {
      ...args,
      first,
      after,
    })
    if (!result.data?.search) return String(result.errors?.[0]?.extensions.code)
    const { edges, pageInfo, totalCount }: Page = result.data.search
    for (const { node, matches } of edges) {
      const found = matches.map(({ field, value }) => `${field} ${value}`)
      results.push({ ...node, matches: found.sort() })
    }
    expect(edges.length).toBe(Math.min(first, totalCount - results.length + edges.length))
    if (!pageInfo.hasNextPage) return results
    after = pageInfo.endCursor
  }
}

/** Strings that occur in many values, and parts of the values of the inventory in any case. */
const textFrom = (values: readonly string[]) =>
  fc.oneof(
    fc.constantFrom('00:50:56', '10.', 'fra', 'web', 'vm', ' esx ', '-0', '/', '01'),
    fc
      .tuple(fc.constantFrom(...values), fc.nat(8), fc.integer({ min: 2, max: 60 }), fc.boolean())
      .map(([value, from, length, upper]) => {
        const part = value.slice(Math.min(from, value.length - 2)).slice(0, length)
        return upper ? part.toUpperCase() : part
      }),
    fc.constantFrom(...values),
  )

it(
  'finds what the model finds, in the same order, on pages of any size',
  async () => {
    const machines = [...objects.ofType('VirtualMachine')]
    for (const [index, machine] of machines.slice(0, 6).entries()) {
      const guest = machine.get('guest') as DataObject<'GuestInfo'> | undefined
      if (!guest) continue
      const net = (guest.net ?? []).map((nic) => ({
        ...nic,
        ipAddress: [...(nic.ipAddress ?? []), `192.168.7.${index}`],
      }))
      machine.set('guest', { ...guest, net, hostName: `Guest-${index % 3}.example.com` })
    }
    const root = inventory.rootFolder.value
    const entries = Object.keys(typeOf)
      .flatMap((type) => [...objects.ofType(type as never)])
      .filter(({ moid }) => moid !== root)
      .map(entryOf)
    const values = entries.flatMap((entry) => [...Object.values(entry.values).flat(), ...entry.allAddresses])
    let count = 0
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          text: textFrom(values.filter((value) => value.trim().length >= 2)).filter(
            (text) => text.trim().length >= 2,
          ),
          types: fc.option(fc.subarray(entityTypes, { minLength: 1 }), { nil: undefined }),
          in: fc.option(fc.subarray([...fields], { minLength: 1 }), { nil: undefined }),
        }),
        fc.constantFrom(1, 3, 100, 1000),
        async (args, first) => {
          const text = args.text.trim()
          const expected = model(entries, args)
          const isPossible = (args.in ?? fields).some((field) => canContain(field, { ...args, text }))
          const results = await searched(args, expected.length > 40 ? 1000 : first)
          expect(results).toEqual(
            isPossible
              ? expected.map(({ moid, name, matches }) => ({ moid, name, matches }))
              : 'BAD_USER_INPUT',
          )
          count += expected.length
        },
      ),
      { numRuns, seed },
    )
    expect(count).toBeGreaterThan(numRuns)
  },
  60_000 + numRuns * 100,
)
