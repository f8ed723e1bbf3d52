// Where the gateway is, and the token of the user.

declare global {
  interface ImportMetaEnv {
    readonly VITE_GATEWAY?: string
  }
}

export const gatewayUrl = import.meta.env.VITE_GATEWAY ?? '/graphql'

export const gatewayFetch: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers)
  const token = sessionStorage.getItem('token')
  if (token) headers.set('authorization', `Bearer ${token}`)
  return fetch(input, { ...init, headers })
}
