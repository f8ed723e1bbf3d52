// Paths that name some of the devices of a virtual machine or a snapshot: `config.hardware.device:VirtualDisk`. A plan declares
// which types of devices it reads, because decoding all devices of all machines costs much more than the disks alone.

import type { DataObjectName } from '../soap/vim-types.ts'

/** The property that holds all devices. As a path of a plan, it reads all of them. */
export const allDevices = 'config.hardware.device'

/** A path of a plan that reads the devices of some types. Of other devices, only the type is known. */
export type DevicePath = `${typeof allDevices}:${string}`

/** Returns the path for devices of these types and their subtypes. Read it with `ManagedObject.devices`. */
export const devicesOf = (...types: readonly DataObjectName[]): DevicePath =>
  `${allDevices}:${[...types].sort().join()}`

/** Whether a path of a plan reads devices. */
export const isDevicePath = (path: string): boolean =>
  path === allDevices || path.startsWith(`${allDevices}:`)

/** Returns the property that a path of a plan is read from. */
export const propertyOf = (path: string): string => (isDevicePath(path) ? allDevices : path)

/** Returns the device types that the paths of a plan read. */
export function deviceTypesOf(paths: Iterable<string>): readonly string[] {
  const types = new Set<string>()
  for (const path of paths) {
    if (path === allDevices) return ['VirtualDevice']
    if (isDevicePath(path)) for (const type of path.slice(allDevices.length + 1).split(',')) types.add(type)
  }
  return [...types].sort()
}
