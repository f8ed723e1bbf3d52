// Sends a request to the gateway, with the credentials of the page.

import type { Credentials } from '../credentials/credentials.ts'
import { requestOptions } from '../credentials/store.ts'

/** The connection failed before or while the response arrived. Browsers do not say why. */
export class ConnectionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConnectionError'
  }
}

export interface GatewayResponse {
  readonly response: Response
  /** The credentials of the request, for what the response says about them. */
  readonly sent: Credentials
}

/**
 * Sends a request.
 * @throws {ConnectionError} if there is no response
 * @throws {TypeError} if the credentials or the headers cannot be sent
 */
export async function requestGateway(init: RequestInit): Promise<GatewayResponse> {
  const { headers, credentials, sent } = requestOptions()
  // Not within the request, whose other errors have the same type.
  const all = new Headers({ ...(init.headers as Record<string, string>), ...headers })
  const response = await fetch('/graphql', { ...init, method: 'POST', credentials, headers: all }).catch(
    (error: unknown) => {
      throw error instanceof TypeError
        ? new ConnectionError(
            'The gateway cannot be reached. Check that it is running, then run the operation again.',
          )
        : error
    },
  )
  return { response, sent }
}
