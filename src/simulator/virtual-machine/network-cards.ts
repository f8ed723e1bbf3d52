// The network cards of a machine, the networks that they are connected to, and how a backing identifies one.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { createRandom } from '../random.ts'
import { networkCardKey } from './devices.ts'
import {
  type Machine,
  type NetworkCard,
  type NetworkLocation,
  notifyChange,
  type PowerState,
} from './machine.ts'

/** Returns each connected network once. */
export const networksOf = ({ settings }: Pick<Machine, 'settings'>): ManagedObjectReference[] => [
  ...new Map(settings.networkCards.map(({ network }) => [network.ref.value, network.ref])).values(),
]

/** Returns a MAC address from the range that vCenter assigns from. */
export const macAddressOf = (seed: string, { name }: NetworkLocation): string =>
  `00:50:56:${createRandom(seed, name).hex(6).replace(/^./, '9').match(/../g)?.join(':')}`

/** A network card. By default, it is connected to the network of the machine's location. */
export interface CardDescription {
  /** @default VirtualVmxnet3 */
  readonly type?: string
  readonly network?: NetworkLocation
  /** @default an address that the vCenter assigns */
  readonly address?: Pick<NetworkCard, 'addressType' | 'macAddress'>
  /** @default true */
  readonly connected?: boolean
}

/** Creates the card with this index of a new machine. */
export function createCard(
  seed: string,
  index: number,
  powerState: PowerState,
  {
    type = 'VirtualVmxnet3',
    network,
    address,
    connected = true,
  }: CardDescription & Pick<NetworkCard, 'network'>,
): NetworkCard {
  const cardSeed = index === 0 ? seed : `${seed}/card-${index}`
  return {
    key: networkCardKey(index),
    type,
    network,
    ...(address ?? { addressType: 'assigned', macAddress: macAddressOf(cardSeed, network) }),
    wakeOnLanEnabled: true,
    startConnected: connected,
    allowGuestControl: true,
    connected: connected && powerState !== 'poweredOff',
  }
}

/** Returns the cards after a change of the power state: they start connected or not, and none is connected while it is off. */
export const cardsAfter = (
  cards: readonly NetworkCard[],
  before: PowerState,
  after: PowerState,
): readonly NetworkCard[] =>
  after === 'poweredOff'
    ? cards.map((card) => ({ ...card, connected: false }))
    : before === 'poweredOff'
      ? cards.map((card) => ({ ...card, connected: card.startConnected }))
      : cards

/** Updates the networks' `vm` lists to match the machine's cards. */
export function updateNetworkMembers(machine: Machine, before: readonly ManagedObjectReference[]): void {
  const now = networksOf(machine)
  const { members } = machine.context
  const isIn = (refs: readonly ManagedObjectReference[], ref: ManagedObjectReference) =>
    refs.some(({ value }) => value === ref.value)
  for (const ref of before) if (!isIn(now, ref)) members.remove(ref, 'vm', machine.ref)
  for (const ref of now) if (!isIn(before, ref)) members.add(ref, 'vm', machine.ref)
  notifyChange(machine, 'network')
}

type Backing = Partial<DataObject<'VirtualEthernetCardNetworkBackingInfo'>> &
  Partial<DataObject<'VirtualEthernetCardDistributedVirtualPortBackingInfo'>>

/** Returns the network of the machine's host that a backing identifies; undefined if there is none. */
export function networkOfBacking(
  machine: Machine,
  backing: Backing | undefined,
): NetworkLocation | undefined {
  if (!backing) return undefined
  const { objects, members } = machine.context
  for (const ref of members.of(machine.host, 'network')) {
    const network = objects.find(ref)
    const name = String(network?.get('name'))
    const isPortgroup = ref.type === 'DistributedVirtualPortgroup'
    const portgroupKey = isPortgroup ? String(network?.get('key')) : ''
    const isMatch = backing.port
      ? isPortgroup && portgroupKey === backing.port.portgroupKey
      : !isPortgroup && (backing.network ? backing.network.value === ref.value : backing.deviceName === name)
    if (!isMatch) continue
    const switchUuid = isPortgroup ? switchUuidOf(machine, ref) : undefined
    if (!backing.port || backing.port.switchUuid === switchUuid)
      return { ref, name, port: switchUuid === undefined ? undefined : { switchUuid, portgroupKey } }
  }
  return undefined
}

function switchUuidOf(
  { context: { objects, members } }: Machine,
  portgroup: ManagedObjectReference,
): string | undefined {
  for (const each of objects.ofType('VmwareDistributedVirtualSwitch'))
    if (members.of(each.ref, 'portgroup').some(({ value }) => value === portgroup.value))
      return String(each.get('uuid'))
  return undefined
}
