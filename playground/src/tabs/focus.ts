// Moves the keyboard focus to where the user goes on, when what had it has left the page.

const focus = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus()

/** To the response: the region with its view, which scrolls, or the tab of its JSON. */
export const focusResponse = (): void => focus('#rv-content, #rv-tab-json[aria-selected="true"]')

/** To the button that opens the start page again. */
export const focusStartPageButton = (): void => focus('.pg-logo')
