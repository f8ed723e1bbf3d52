// Checks what the server is: product, version and build, and the limits of an ESXi host.

import { type Check, type DoctorRun, isHost, known } from '../check.ts'
import { readProperties } from './read-properties.ts'

/** Returns a version or a build only if it looks like one. */
const plain = (text: string | undefined): string =>
  text !== undefined && /^[\w.-]{1,40}$/.test(text) ? text : 'unusual'

const [oldestMajor, oldestMinor] = [6, 5]
const newestTestedMajor = 8

export const versionCheck: Check = {
  id: 'version',
  title: 'Product and version',
  needs: ['endpoint'],
  async run(run) {
    const { about } = known(run.content)
    const [major = 0, minor = 0] = about.version.split('.').map(Number)
    const apiType = ['VirtualCenter', 'HostAgent'].includes(about.apiType) ? about.apiType : 'unknown'
    const product = { VirtualCenter: 'vCenter', HostAgent: 'An ESXi host', unknown: 'An unknown product' }[
      apiType as 'VirtualCenter' | 'HostAgent' | 'unknown'
    ]
    const facts = {
      apiType,
      version: plain(about.version),
      build: plain(about.build),
      apiVersion: plain(about.apiVersion),
      usedApiVersion: known(run.apiVersion),
    }
    const found = [
      `${product} ${facts.version}, build ${facts.build}; the API version used is ${facts.usedApiVersion}.`,
    ]
    const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
    if (isOld)
      return {
        status: 'problem',
        found,
        todo: [`The gateway needs version ${oldestMajor}.${oldestMinor} or later.`],
        facts,
      }
    if (apiType === 'unknown')
      return { status: 'unknown', found: [...found, 'It is neither vCenter nor an ESXi host.'], facts }
    if (apiType === 'HostAgent')
      found.push(
        'Without vCenter there are no tags, custom attributes, alarms and stored tasks, and privileges cannot be queried.',
      )
    if (major > newestTestedMajor)
      found.push(
        `This version is newer than the API versions that the gateway knows; what is new in it is not visible.`,
      )
    return { status: 'ok', found, facts }
  },
}

export const hostCheck: Check = {
  id: 'host-licence',
  title: 'Licence and management of the ESXi host',
  needs: ['login'],
  async run(run) {
    if (!isHost(run)) return { status: 'skipped', found: ['Only an ESXi host is checked.'] }
    const { edition, isManaged, isLocked } = await readHost(run)
    const facts = { edition: edition ?? null, managed: isManaged, lockdown: isLocked }
    const found: string[] = []
    const todo: string[] = []
    if (edition === 'esxBasic') {
      found.push('The host has the free licence: reads work, changes are rejected.')
      todo.push('Run the gateway with --read-only, or install another licence on the host.')
    }
    if (isManaged) {
      found.push('A vCenter manages the host.')
      todo.push('Connect the gateway to that vCenter instead; changes on the host bypass it.')
    }
    if (isLocked) {
      found.push('The host is in lockdown mode: only exception users may log in.')
      todo.push('Connect the gateway to the vCenter that manages the host.')
    }
    if (todo.length > 0) return { status: 'problem', found, todo, facts }
    if (edition === undefined) return { status: 'unknown', found: ['The licence cannot be read.'], facts }
    return { status: 'ok', found: ['The licence is not the free one. No vCenter manages the host.'], facts }
  },
}

async function readHost(run: DoctorRun) {
  const { licenseManager } = known(run.content)
  const [licence] = licenseManager
    ? await readProperties(run, [licenseManager], 'LicenseManager', ['licensedEdition'])
    : []
  const edition = licence?.values.get('licensedEdition')
  const hosts = run.objects?.get('HostSystem') ?? []
  const [host] = await readProperties(run, hosts.slice(0, 1), 'HostSystem', [
    'summary.managementServerIp',
    'config.lockdownMode',
  ])
  const lockdown = host?.values.get('config.lockdownMode')
  return {
    edition: typeof edition === 'string' && /^[A-Za-z.]{1,60}$/.test(edition) ? edition : undefined,
    isManaged: Boolean(host?.values.get('summary.managementServerIp')),
    isLocked: typeof lockdown === 'string' && lockdown !== 'lockdownDisabled',
  }
}
