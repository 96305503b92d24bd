/** The little of jsdom that is used here; it brings no types of its own. */
declare module 'jsdom' {
  interface PageElement {
    readonly id: string
    readonly tagName: string
    readonly textContent: string
    readonly attributes: Iterable<{ readonly name: string; readonly value: string }>
    getAttribute(name: string): string | null
    querySelector(selector: string): PageElement | null
    querySelectorAll(selector: string): Iterable<PageElement>
  }

  export class JSDOM {
    constructor(html: string, options: { readonly runScripts: 'outside-only' })
    readonly window: {
      readonly document: PageElement & { readonly title: string; readonly body: PageElement }
      eval(code: string): unknown
      close(): void
    }
  }
}
