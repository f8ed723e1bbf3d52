// Tags with govc: on our simulator, and on vcsim as the reference for what the gateway reads and changes. vcsim serves only /rest, has no
// checks of cardinality and permissions, and responds to a detached tag with an empty body; everything else is tested on our simulator alone.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../../src/simulator/index.ts'
import { type Govc, govcAt, linesOf } from './govc.ts'
import { govc as govcPath } from './tools.ts'

describe.skipIf(govcPath === undefined)('govc tags on the simulator', () => {
  let simulator: Simulator
  let govc: Govc

  beforeAll(async () => {
    simulator = createSimulator()
    const { url } = await simulator.listen()
    govc = govcAt(url.replace('//', '//user:pass@'), { GOVC_DATACENTER: 'Frankfurt' })
  })

  afterAll(() => simulator?.close())

  it('lists categories and tags', async () => {
    expect(linesOf(await govc('tags.category.ls')).sort()).toEqual(['backup', 'environment', 'owner'])
    expect(linesOf(await govc('tags.ls', '-c', 'backup')).sort()).toEqual([
      'daily   backup',
      'weekly  backup',
    ])
    const [backup] = await govc.json('tags.category.info', 'backup')
    expect(backup).toMatchObject({ cardinality: 'SINGLE', associable_types: ['VirtualMachine'] })
    const [daily] = await govc.json('tags.info', '-c', 'backup', 'daily')
    expect(daily).toMatchObject({ name: 'daily', description: 'Every night', category_id: 'backup' })
  })

  it('lists, attaches and detaches', async () => {
    const web = '/Frankfurt/vm/Production/Web/web-01'
    expect(linesOf(await govc('tags.attached.ls', '-r', web)).sort()).toEqual(['daily', 'production', 'shop'])
    await govc('tags.attach', '-c', 'owner', 'finance', web)
    expect(linesOf(await govc('tags.attached.ls', '-r', web))).toContain('finance')
    const moid = simulator.inventory.vm('web-01').moid
    expect(await govc('tags.attached.ls', 'finance')).toContain(moid)
    await govc('tags.detach', '-c', 'owner', 'finance', web)
    expect(linesOf(await govc('tags.attached.ls', '-r', web))).not.toContain('finance')
    await expect(govc('tags.attach', '-c', 'backup', 'weekly', web)).rejects.toThrow('already has a tag')
  })

  it('creates and removes', async () => {
    const id = (await govc('tags.category.create', '-m', '-d', 'Racks', 'rack')).trim()
    expect(simulator.rest.store.category(id)).toMatchObject({ name: 'rack', cardinality: 'MULTIPLE' })
    await govc('tags.create', '-c', 'rack', 'a1')
    expect(linesOf(await govc('tags.ls', '-c', 'rack'))).toEqual(['a1  rack'])
    await govc('tags.rm', '-c', 'rack', 'a1')
    await govc('tags.category.rm', 'rack')
    expect(simulator.rest.store.categories).toHaveLength(3)
  })

  it('leaves no session behind', () => {
    expect(simulator.live).toMatchObject({ sessions: 0, restSessions: 0 })
  })
})
