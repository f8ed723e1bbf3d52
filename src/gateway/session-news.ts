// What is told of the sessions with a vCenter: logins, and once each that it cannot be reached any more and that it is back,
// however many sessions notice.

import type { Log } from '../observability/log.ts'
import type { VCenterMetrics } from '../observability/metrics.ts'
import { TransportError } from '../transport/transport-error.ts'
import type { SessionChange } from '../vim25/session.ts'
import { VimFaultError } from '../vim25/vim-fault-error.ts'
import { sentences } from './keep-connecting.ts'

interface SessionNews {
  tell(change: SessionChange): void
  /** The vCenter has answered. */
  reached(): void
}

export function createSessionNews(name: string, log: Log, measured: VCenterMetrics | undefined): SessionNews {
  // Until it has answered once, whoever tries to connect says why it does not.
  let wasReached = false
  let isLost = false

  function lost(error: TransportError): void {
    if (isLost || !wasReached) return
    isLost = true
    log.error(`${name}: ${sentences(error)}`)
  }

  function reached(): void {
    wasReached = true
    if (isLost) log.info(`${name}: is reached again`)
    isLost = false
  }

  return {
    reached,
    tell(change) {
      switch (change.kind) {
        case 'logged in':
          measured?.login('success')
          log.info(`${name}: logged in as ${change.login.userName} to ${change.login.content.about.fullName}`)
          reached()
          break
        case 'login failed':
          measured?.login(isRefusal(change.error) ? 'refused' : 'failed')
          if (change.error instanceof TransportError) lost(change.error)
          break
        case 'lost':
          lost(change.error)
          break
        case 'back':
          reached()
          break
      }
    },
  }
}

const isRefusal = (error: unknown): boolean => error instanceof VimFaultError && error.is('InvalidLogin')
