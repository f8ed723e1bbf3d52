// Tests the file systems, addresses, name servers and gateways that a guest reports.

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { DataObject } from '../../../src/soap/vim-types.ts'
import { startGateway, type TestGateway } from '../../test-gateway.ts'
import { rewriting } from '../../vim25/connect.ts'
import { execute } from '../call-budget.ts'

const fileSystems = 'fileSystems { path type capacity freeSpace freePercent disks { key } }'
const network =
  'dnsServers searchDomains defaultGateways networkInterfaces { addresses { address prefixLength origin } }'

let gateway: TestGateway
beforeAll(() => {
  gateway = startGateway({ vms: 60 })
})
afterAll(() => gateway.close())

async function guestOf(name: string, selection: string, server = gateway) {
  const { data, errors } = await server.execute(
    `query ($name: String!) { virtualMachine(by: { name: $name }) { guest { ${selection} } } }`,
    { name },
  )
  expect(errors).toBeUndefined()
  return data.virtualMachine.guest
}

/** Rewrites the responses of a gateway until the end of the test. */
function rewritten(rewrite: (text: string) => string): TestGateway {
  const server = startGateway({ wrap: rewriting(rewrite) })
  onTestFinished(() => server.close())
  return server
}

const simulated = () =>
  [...gateway.simulator.objects.ofType('VirtualMachine')].map((vm) => ({
    moid: vm.moid,
    name: String(vm.get('name')),
    guest: vm.get('guest') as DataObject<'GuestInfo'> | undefined,
  }))

const freePercentOf = ({ freeSpace, capacity }: DataObject<'GuestDiskInfo'>) =>
  (Number(freeSpace) / Number(capacity)) * 100

describe('the file systems of a guest', () => {
  it('are those that it reports, in one retrieval with the disks that they are on', async () => {
    await gateway.execute('{ virtualMachines(first: 1000) { nodes { moid } } }')
    const { data, errors, requested } = await execute(
      gateway,
      `{ virtualMachines(first: 1000) { nodes { moid guest { ${fileSystems} } } } }`,
    )
    expect(errors).toBeUndefined()
    expect(requested.filter((line: string) => line.startsWith('RetrievePropertiesEx'))).toHaveLength(1)
    const byMoid = new Map(simulated().map(({ moid, guest }) => [moid, guest]))
    expect(data.virtualMachines.nodes).toHaveLength(60)
    for (const { moid, guest } of data.virtualMachines.nodes) {
      const disk = byMoid.get(moid)?.disk
      expect(guest.fileSystems).toEqual(
        disk?.map((each) => ({
          path: each.diskPath,
          type: each.filesystemType,
          capacity: each.capacity,
          freeSpace: each.freeSpace,
          freePercent: freePercentOf(each),
          disks: each.mappings?.map(({ key }) => ({ key })),
        })) ?? null,
      )
    }
    const windows = await guestOf('erp-01', 'fileSystems { path type }')
    expect(windows.fileSystems).toEqual([
      { path: 'C:\\', type: 'NTFS' },
      { path: 'D:\\', type: 'NTFS' },
    ])
  })

  it('have no disks and no type when an older server does not report them', async () => {
    const server = rewritten((text) =>
      text
        .replaceAll(/<filesystemType>[^<]*<\/filesystemType>/g, '')
        .replaceAll(/<mappings>.*?<\/mappings>/gs, ''),
    )
    const { fileSystems: listed } = await guestOf('web-01', 'fileSystems { path type disks { key } }', server)
    expect(listed).toEqual([
      { path: '/', type: null, disks: null },
      { path: '/boot', type: null, disks: null },
    ])
  })

  it('are null with an error while they may not be read', async () => {
    const { ref } = gateway.simulator.inventory.machine('web-01')
    onTestFinished(gateway.simulator.faults.deny(ref, 'guest'))
    const { data, errors } = await gateway.execute(
      `{ virtualMachine(by: { moid: "${ref.value}" }) { guest { fileSystems { path } dnsServers } } }`,
    )
    expect(data.virtualMachine.guest).toEqual({ fileSystems: null, dnsServers: null })
    const [fileSystemsPath, dnsServersPath] = ['fileSystems', 'dnsServers'].map((name) => [
      'virtualMachine',
      'guest',
      name,
    ])
    expect(errors).toMatchObject([
      { path: fileSystemsPath, extensions: { code: 'FORBIDDEN', paths: [fileSystemsPath, dnsServersPath] } },
    ])
  })

  it('select virtual machines by their free space', async () => {
    const { data, errors } = await gateway.execute(
      `{ virtualMachines(filter: { guest: { fileSystems: { some: { freePercent: { lt: 10 } } } } }, first: 100) {
        nodes { moid guest { fileSystems { freePercent } } } } }`,
    )
    expect(errors).toBeUndefined()
    const full = simulated()
      .filter(({ guest }) => guest?.disk?.some((each) => freePercentOf(each) < 10))
      .map(({ moid }) => moid)
    expect(full.length).toBeGreaterThan(3)
    expect(data.virtualMachines.nodes.map(({ moid }: { moid: string }) => moid).sort()).toEqual(full.sort())
  })
})

describe('the network of a guest', () => {
  it('has addresses with prefix lengths, name servers, search domains and gateways', async () => {
    const { ipAddress } = gateway.simulator.inventory.machine('web-01')
    const common = {
      dnsServers: ['10.0.0.53', '10.0.1.53'],
      searchDomains: ['example.com'],
      defaultGateways: [ipAddress.replace(/\d+$/, '254')],
    }
    expect(await guestOf('web-01', network)).toEqual({
      ...common,
      networkInterfaces: [{ addresses: [{ address: ipAddress, prefixLength: 24, origin: null }] }],
    })
    const windows = await guestOf('erp-01', network)
    expect(windows.networkInterfaces).toEqual([
      {
        addresses: [
          {
            address: gateway.simulator.inventory.machine('erp-01').ipAddress,
            prefixLength: 24,
            origin: 'manual',
          },
        ],
      },
      { addresses: [] },
      { addresses: [] },
    ])
  })

  it('is null while the guest reports nothing', async () => {
    expect(await guestOf('mail-01', 'dnsServers searchDomains defaultGateways fileSystems { path }')).toEqual(
      {
        dnsServers: null,
        searchDomains: null,
        defaultGateways: null,
        fileSystems: null,
      },
    )
  })

  it('has each value of several stacks once, and no empty strings', async () => {
    const stack = (dns: string, gatewayAddress: string) =>
      `<GuestStackInfo xsi:type="GuestStackInfo"><dnsConfig><dhcp>true</dhcp><hostName></hostName><domainName></domainName>${dns}</dnsConfig>
      <ipRouteConfig><ipRoute><network>::</network><prefixLength>0</prefixLength><gateway>${gatewayAddress}</gateway></ipRoute>
      <ipRoute><network>10.0.0.0</network><prefixLength>8</prefixLength><gateway><ipAddress>10.0.0.1</ipAddress></gateway></ipRoute></ipRouteConfig></GuestStackInfo>`
    const stacks = [
      stack('<ipAddress>10.0.0.53</ipAddress><ipAddress></ipAddress><searchDomain></searchDomain>', ''),
      stack(
        '<ipAddress>10.0.0.53</ipAddress><ipAddress>fd00::53</ipAddress>',
        '<ipAddress>fe80::1</ipAddress>',
      ),
    ].join('')
    const server = rewritten((text) =>
      text.replace(
        /(<name>guest\.ipStack<\/name><val xsi:type="ArrayOfGuestStackInfo">).*?(<\/val>)/s,
        `$1${stacks}$2`,
      ),
    )
    expect(await guestOf('web-01', 'dnsServers searchDomains defaultGateways', server)).toEqual({
      dnsServers: ['10.0.0.53', 'fd00::53'],
      searchDomains: [],
      defaultGateways: ['fe80::1'],
    })
  })

  it('is null when the stacks have no configuration, and an interface without one has no addresses', async () => {
    const server = rewritten((text) => text.replaceAll(/<(dnsConfig|ipRouteConfig|ipConfig)>.*?<\/\1>/gs, ''))
    expect(await guestOf('web-01', network, server)).toEqual({
      dnsServers: null,
      searchDomains: null,
      defaultGateways: null,
      networkInterfaces: [{ addresses: null }],
    })
  })

  it('selects virtual machines by gateway, name server and address', async () => {
    const { ipAddress } = gateway.simulator.inventory.machine('web-01')
    const { data, errors } = await gateway.execute(
      `{
        byGateway: virtualMachines(filter: { guest: { defaultGateways: { some: { eq: "${ipAddress.replace(/\d+$/, '254')}" } } } }) { nodes { name } }
        byAddress: virtualMachines(filter: { guest: { networkInterfaces: { some: { addresses: { some: { address: { eq: "${ipAddress}" }, prefixLength: { eq: 24 } } } } } } }) { nodes { name } }
        others: virtualMachines(filter: { guest: { dnsServers: { none: { eq: "10.0.0.53" } }, toolsRunning: { eq: true } } }) { totalCount }
      }`,
    )
    expect(errors).toBeUndefined()
    expect(data.byGateway.nodes).toContainEqual({ name: 'web-01' })
    expect(data.byAddress.nodes).toEqual([{ name: 'web-01' }])
    expect(data.others.totalCount).toBe(0)
  })
})
