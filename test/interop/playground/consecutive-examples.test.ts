// Runs the consecutive examples in a real browser: in order, following the copy instructions in their comments.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createManualClock } from '../../../src/simulator/index.ts'
import { chromiumPath, type OpenedPage, openInChromium } from '../../browser.ts'
import { type Graphiql, graphiqlOn } from '../../graphiql.ts'
import { startGateway } from '../../test-gateway.ts'

const day = 24 * 60 * 60 * 1000

interface ShownAreas {
  readonly totalCount: number
  readonly totalLength: number
  readonly nodes: readonly { readonly start: number; readonly length: number }[]
  readonly pageInfo: { readonly hasNextPage: boolean }
}

describe.skipIf(chromiumPath === undefined)('the consecutive examples', () => {
  const clock = createManualClock()
  const gateway = startGateway({ clock, tasks: { queuedMs: 20, durationMs: 200 } })
  let opened: OpenedPage
  let graphiql: Graphiql
  let clockTimer: NodeJS.Timeout | undefined

  beforeAll(async () => {
    opened = await openInChromium(await gateway.listen())
    graphiql = graphiqlOn(opened.page)
    await graphiql.begin()
    await graphiql.showJson()
  })

  afterEach(() => clearInterval(clockTimer))
  afterAll(async () => {
    await opened?.close()
    await gateway.close()
  })

  /** Returns the areas of web-02 from the simulator's write history. */
  function writtenAreas(since: string | undefined, until: string): Omit<ShownAreas, 'pageInfo'> {
    const disk = gateway.simulator.inventory.disk('web-02', 2000)
    const nodes = disk
      .areas(since === undefined ? 'beginning' : { changeId: since }, { changeId: until })
      .map(({ start, end }) => ({ start, length: Math.min(end, disk.capacity) - start }))
    const totalLength = nodes.reduce((sum, { length }) => sum + length, 0)
    return { totalCount: nodes.length, totalLength, nodes: nodes.slice(0, 20) }
  }

  function expectWrittenAreas(areas: ShownAreas, since: string | undefined, until: string): void {
    const { totalCount, totalLength, nodes, pageInfo } = areas
    expect({ totalCount, totalLength, nodes }).toEqual(writtenAreas(since, until))
    expect(totalCount).toBeGreaterThan(0)
    expect(pageInfo.hasNextPage).toBe(totalCount > 20)
  }

  async function run(example: string, fill?: (tab: Graphiql) => Promise<void>) {
    await graphiql.open(example)
    await fill?.(graphiql)
    const { data, errors } = await graphiql.execute()
    expect(errors).toBeUndefined()
    return data
  }

  it("run an incremental backup whose maps equal the simulator's write history, also on the second day", async () => {
    // Tasks advance in real time; the test advances the guest's minutes and days below.
    clockTimer = setInterval(() => clock.advance(20), 5)
    const { setChangeTracking } = await run('backup/backup-1-enable-tracking')
    expect(setChangeTracking).toMatchObject({
      task: { state: 'SUCCESS' },
      activated: true,
      virtualMachine: { changeTracking: { enabled: true, active: true, reasons: [] } },
    })

    const full = (await run('backup/backup-2-full-map')).createSnapshot.snapshot
    const [first] = full.disks
    expectWrittenAreas(first.allocatedAreas, undefined, first.changeId)
    await expect.poll(graphiql.visibleResponse).toContain('"changeId": "52 ')

    clock.advance(60_000)
    const changes = (await run('backup/backup-3-changes-since', (tab) => tab.paste(first.changeId)))
      .createSnapshot.snapshot
    expect(changes.disk.changedAreas.sinceChangeId).toBe(first.changeId)
    expectWrittenAreas(changes.disk.changedAreas, first.changeId, changes.disk.changeId)

    const cleanUp = await run('backup/backup-4-clean-up', (tab) => tab.paste(changes.id))
    expect(cleanUp.removeSnapshot).toMatchObject({
      removedSnapshotIds: [changes.id],
      virtualMachine: { name: 'web-02', snapshots: [{ id: full.id, path: 'backup' }] },
    })
    const removeOther = (snapshot: string) =>
      run('backup/backup-4-clean-up', (tab) => tab.setVariables({ snapshot })).then(
        (data) => data.removeSnapshot,
      )
    expect(await removeOther(full.id)).toMatchObject({ virtualMachine: { snapshots: [] } })

    clock.advance(day)
    const next = (
      await run('backup/backup-3-changes-since', (tab) =>
        tab.setVariables({ virtualMachine: 'web-02', disk: 2000, changeId: changes.disk.changeId }),
      )
    ).createSnapshot.snapshot
    expectWrittenAreas(next.disk.changedAreas, changes.disk.changeId, next.disk.changeId)
    expect(await removeOther(next.id)).toMatchObject({ virtualMachine: { snapshots: [] } })
  })

  it('show the progress of a snapshot live until it completes', async () => {
    const { task } = (await run('live/live-1-start-a-snapshot')).createSnapshot
    expect(task).toMatchObject({ state: 'QUEUED', progress: null })
    clock.advance(20_000)
    await graphiql.open('live/live-2-follow-its-task')
    await graphiql.paste(task.id)
    await graphiql.run()
    const shownProgress = async () => Number(/"progress": (\d+)/.exec(await graphiql.visibleResponse())?.[1])
    await expect.poll(shownProgress).toBeGreaterThan(30)
    await expect.poll(() => graphiql.visibleResponse()).toContain('"state": "RUNNING"')
    clock.advance(10_000)
    await expect.poll(shownProgress).toBeGreaterThan(50)
    await expect.poll(() => graphiql.visibleResponse()).toContain('"state": "RUNNING"')
    clock.advance(60_000)
    await expect.poll(graphiql.visibleResponse).toContain('"state": "SUCCESS"')
    await expect
      .poll(() => graphiql.visibleResponse())
      .toMatch(/"progress": 100,[\s\S]*"path": "base\/[^"]*live"/)
  })

  it('cause no browser errors', () => {
    expect(opened.pageErrors).toEqual([])
  })
})
