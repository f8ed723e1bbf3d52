// What a browser states about itself, and about the page that sends a request. Pages cannot change these headers.

/**
 * Whether a browser states that the page has the origin of the URL that it requested. Browsers state this only of https and of this
 * machine's own names, which no other site can have, so it holds behind a proxy too that changes the Host header. Its absence means
 * nothing.
 */
export const isStatedSameOrigin = ({ headers }: Request): boolean =>
  headers.get('sec-fetch-site') === 'same-origin'

/**
 * Whether the request comes from a browser: all of them begin the header so, and programs such as curl do not. A browser states the
 * site of the page only to https and to this machine's own names.
 */
export const isBrowser = ({ headers }: Request): boolean =>
  /^Mozilla\//i.test(headers.get('user-agent') ?? '')
