// The types of a subscription to an update stream: what it watches, and its callbacks.

import type { DataObject } from '../../soap/vim-types.ts'
import type { Login } from '../session/login.ts'
import type { ViewSpec } from './update-collector.ts'

export type ObjectUpdate = DataObject<'ObjectUpdate'>

/** What a subscription watches cannot be watched, also not with another stream. The subscription ends with the cause. */
export class UnwatchableError extends Error {
  override name = 'UnwatchableError' as const
  override readonly cause: Error

  constructor(cause: Error) {
    super(cause.message)
    this.cause = cause
  }
}

/** The view and properties that a subscription watches, and its callbacks. Created again whenever the stream is reopened. */
export interface WatchSpec extends ViewSpec {
  /** Adds the initial objects to the view, before the filter is created. */
  readonly fillView?: () => Promise<void>
  /** Receives the updates of one response. `isStart` is true for the initial state, false for later changes. */
  readonly onUpdates: (updates: readonly ObjectUpdate[], isStart: boolean) => void
  /** Called when the initial state is complete, and again each time the full state was sent again. */
  readonly onStarted?: () => void
  /** Called when the filter has ended; no more updates follow for this spec. */
  readonly onEnd?: () => void
}

export interface UpdateSubscription {
  /**
   * Creates the view for a login. Called each time the stream is opened.
   * @throws UnwatchableError to end only this subscription; any other error that may pass reopens the stream for all
   */
  readonly open: (login: Login) => Promise<WatchSpec>
  /** Called for each failed attempt to open the stream, which is repeated until it succeeds. */
  readonly onUnavailable?: (error: unknown) => void
  /** Called when the subscription has ended with an error that reopening would not fix. */
  readonly onError: (error: unknown) => void
}
