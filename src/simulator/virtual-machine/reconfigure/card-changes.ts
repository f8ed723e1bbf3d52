// Applies one device entry of a reconfiguration to a machine's network cards.

import type { DataObject } from '../../../soap/vim-types.ts'
import { VimFault } from '../../vim-fault.ts'
import { networkCardDevice, networkCardKey } from '../devices.ts'
import type { Machine, NetworkCard } from '../machine.ts'
import { macAddressOf, networkOfBacking } from '../network-cards.ts'
import { assertMatchesRequest, type DeviceState, type InvalidDevice } from './device-spec.ts'

type Device = DataObject<'VirtualEthernetCard'>

const maxCards = 10

/**
 * Returns the machine's cards after the entry.
 * @throws the fault that a vCenter rejects the entry with.
 */
export function cardsAfter(
  { machine, cards }: DeviceState,
  { operation, fileOperation, device }: DataObject<'VirtualDeviceConfigSpec'>,
  invalidDevice: InvalidDevice,
): readonly NetworkCard[] {
  const card = cards.find(({ key }) => key === device.key)
  const requested = device as Device
  const checked = (after: NetworkCard, ...alsoIgnored: string[]): NetworkCard => {
    // If the machine is off, `connected` has no effect: only startConnected counts.
    const ignored = machine.powerState === 'poweredOn' ? [] : ['connectable.connected']
    assertMatchesRequest(requested, networkCardDevice(after), invalidDevice, ...ignored, ...alsoIgnored)
    return after
  }
  if (fileOperation !== undefined) throw invalidDevice('fileOperation')
  if (operation === 'remove' && card) return cards.filter((each) => each !== card)
  if (operation === 'edit' && card) {
    if (device._typeName !== 'VirtualEthernetCard' && device._typeName !== card.type)
      throw invalidDevice('type')
    const network = device.backing ? networkOfBacking(machine, device.backing as never) : card.network
    if (!network) throw invalidDevice('backing')
    const after = checked(withRequested({ ...card, network }, requested, machine))
    return cards.map((each) => (each === card ? after : each))
  }
  if (operation === 'add') {
    const type = device._typeName ?? ''
    if (type === 'VirtualEthernetCard') throw invalidDevice('type')
    const network = networkOfBacking(machine, device.backing as never)
    if (!network) throw invalidDevice('backing')
    if (cards.length === maxCards) throw invalidDevice('unitNumber')
    const key = freeKey(cards)
    const added: NetworkCard = {
      key,
      type,
      network,
      macAddress: macAddressOf(`${machine.seed}/${key}`, network),
      addressType: 'assigned',
      wakeOnLanEnabled: true,
      startConnected: true,
      allowGuestControl: true,
      connected: machine.powerState === 'poweredOn' && (device.connectable?.startConnected ?? true),
    }
    return [...cards, checked(withRequested(added, requested, machine), 'unitNumber')].toSorted(
      (a, b) => a.key - b.key,
    )
  }
  throw new VimFault({ _typeName: 'NotSupported' })
}

/** Returns the card with the requested changes. A given MAC address only counts for `manual`; others are assigned. */
function withRequested(
  card: NetworkCard,
  { addressType, macAddress, connectable, wakeOnLanEnabled }: Device,
  { powerState }: Pick<Machine, 'powerState'>,
): NetworkCard {
  const type = addressType ?? card.addressType
  return {
    ...card,
    addressType: type,
    macAddress: /^manual$/i.test(type) && macAddress ? macAddress : card.macAddress,
    wakeOnLanEnabled: wakeOnLanEnabled ?? card.wakeOnLanEnabled,
    startConnected: connectable?.startConnected ?? card.startConnected,
    allowGuestControl: connectable?.allowGuestControl ?? card.allowGuestControl,
    connected: powerState === 'poweredOff' ? false : (connectable?.connected ?? card.connected),
  }
}

function freeKey(cards: readonly NetworkCard[]): number {
  let number = 0
  while (cards.some(({ key }) => key === networkCardKey(number))) number += 1
  return networkCardKey(number)
}
