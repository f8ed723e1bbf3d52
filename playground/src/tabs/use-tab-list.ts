// Corrects the roles of GraphiQL's tabs, and keeps the active one in sight.

import { useEffect } from 'react'

/**
 * GraphiQL gives the role of a tab to list items that contain two buttons, which assistive technology then cannot reach. Makes
 * them a list of buttons, of which one is current.
 */
export function useTabList(): void {
  useEffect(() => {
    const list = document.querySelector('.graphiql-tabs')
    if (!list) return
    const correct = (): void => {
      list.removeAttribute('role')
      for (const item of list.querySelectorAll('.graphiql-tab[role]')) item.removeAttribute('role')
      // React sets the attribute again when it changes.
      for (const item of list.querySelectorAll('.graphiql-tab[aria-selected]')) {
        const button = item.querySelector('.graphiql-tab-button')
        button?.setAttribute('aria-current', item.getAttribute('aria-selected') ?? 'false')
        if (item.getAttribute('aria-selected') === 'true')
          item.scrollIntoView({ block: 'nearest', inline: 'nearest' })
        item.removeAttribute('aria-selected')
      }
    }
    correct()
    const observer = new MutationObserver(correct)
    observer.observe(list, { childList: true, subtree: true, attributeFilter: ['aria-selected', 'role'] })
    return () => observer.disconnect()
  }, [])
}
