// The messages and remedies for requests that the GraphQL libraries reject, whose own messages name no remedy.

interface RequestError {
  readonly message: string
  readonly remedy: string
}

const notAnObject: RequestError = {
  message: 'the request body is not a JSON object',
  remedy: 'Send a JSON object such as { "query": "{ vcenters { name } }" }.',
}

/** By the library's message. A function gets the first group of the pattern. */
const requestErrors: readonly (readonly [RegExp, RequestError | ((group: string) => RequestError)])[] = [
  [
    /^Required CSRF header\(s\) not present$/,
    {
      message: 'the request has none of the headers that prove that no page of another site sent it',
      remedy:
        'Send content-type: application/json, or the header x-graphql-yoga-csrf or apollo-require-preflight with any value.',
    },
  ],
  [
    /^Could not determine what operation to execute\.$/,
    {
      message:
        'it is not clear which operation of the document to execute: it has none, several without operationName, or none with that name',
      remedy: 'Write an operation, or set operationName to the name of one operation of the document.',
    },
  ],
  [
    /^Must provide query string\.$/,
    { message: 'the request has no query', remedy: 'Send the document as query.' },
  ],
  [/^POST body sent invalid JSON\.$/, { ...notAnObject, message: 'the request body is not valid JSON' }],
  [/^(?:POST body is expected to be object|Expected params to be an object|Invalid "params")/, notAnObject],
  [
    /^Expected "(variables|extensions)" param to be empty or an object/,
    (name) => ({
      message: `${name} must be an object`,
      remedy: `Send ${name} as a JSON object, not as text.`,
    }),
  ],
  [
    /^Expected "query" param to be a string/,
    { message: 'query must be a string', remedy: 'Send the document as a string.' },
  ],
  [
    /^Unexpected parameter "(.*)" in the request body\.$/s,
    (name) => ({
      message: `unknown parameter ${JSON.stringify(name)}`,
      remedy: 'A request can have query, operationName, variables and extensions.',
    }),
  ],
  [
    /^GraphQL only supports GET and POST requests\.$/,
    { message: 'the HTTP method is not supported', remedy: 'Send a GET or POST request.' },
  ],
  [
    /^Can only perform a mutation operation from a POST request\.$/,
    { message: 'a mutation cannot be sent by GET', remedy: 'Send the mutation by POST.' },
  ],
]

/** Returns our message and remedy for the message of a library; undefined for any other error. */
export function requestErrorOf(libraryMessage: string): RequestError | undefined {
  for (const [pattern, error] of requestErrors) {
    const match = pattern.exec(libraryMessage)
    if (match) return typeof error === 'function' ? error(match[1] ?? '') : error
  }
  return undefined
}
