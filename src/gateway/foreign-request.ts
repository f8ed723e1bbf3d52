// The answer to a request that came from where it may not, before anything else looks at it.

/** Says FORBIDDEN in the form of every error. */
export const foreignRequest = (
  { Response: ResponseOf }: { readonly Response: typeof Response },
  status: number,
  message: string,
  requestId: string,
): Response =>
  ResponseOf.json(
    { errors: [{ message, extensions: { code: 'FORBIDDEN', retryable: false, requestId } }] },
    { status },
  )
