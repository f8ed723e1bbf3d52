// Values of the hardware of a host that more than one property decides.

import type { ManagedObject } from '../../planner/managed-object.ts'
import { int32, nonNegativeInt } from '../core/units.ts'

/** Returns the clock speed of all cores together, in MHz; null if it is unknown. */
export function totalCpuOf(host: ManagedObject<'HostSystem'>): number | null {
  const clockSpeed = nonNegativeInt(host.read('summary.hardware.cpuMhz') ?? -1)
  const cores = nonNegativeInt(host.read('summary.hardware.numCpuCores') ?? -1)
  return clockSpeed === null || cores === null ? null : int32(clockSpeed * cores)
}

/** Hosts before 6.7 report the serial number only among other identifiers, by vendor under one of two names. */
export function serialNumberOf(host: ManagedObject<'HostSystem'>): string | null {
  const serialNumber = host.read('hardware.systemInfo.serialNumber')
  if (serialNumber !== undefined) return serialNumber
  const identifiers = host.read('summary.hardware.otherIdentifyingInfo') ?? []
  for (const type of ['ServiceTag', 'SerialNumberTag']) {
    const found = identifiers.find(({ identifierType }) => identifierType.key === type)
    if (found) return found.identifierValue.trim()
  }
  return null
}
