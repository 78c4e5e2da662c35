import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { packageRoot } from '../../src/package-root.ts';
import { deadLetterId } from '../../src/temporal/names.ts';
import { openChromium } from './chromium.ts';
import type { ChromiumProgram } from './chromium.ts';
import { eventually } from './eventually.ts';

/** With it the pictures of the documentation are taken anew. */
const takesPictures = process.env['TANDEM_SCREENSHOTS'] === '1';
const pictures = join(packageRoot, 'docs', 'images');

const window = { width: 1600, height: 900 };

/** Temporal's Web UI in a headless Chromium, as an operator uses it. */
export async function openWebUi(chromium: ChromiumProgram) {
  const browser = await openChromium(chromium);
  const page = await browser.newPage({ viewport: window });
  page.setDefaultTimeout(20_000);
  return {
    /** Follows a link to a list, and opens the dead letter of an event from it. */
    async findDeadLetter(link: string, eventId: string): Promise<void> {
      await page.goto(link);
      const found = page.getByRole('link', { name: deadLetterId(eventId) }).first();
      await found.waitFor();
      await picture(page, 'dead-letters');
      await found.click();
      await page.getByRole('tab', { name: 'User Metadata' }).click();
    },
    /** The text of the current details, once it says so. */
    details: (saying: string): Promise<string> =>
      eventually(`current details to say ${saying}`, async () => {
        await page.keyboard.press('r');
        const shown = page.frameLocator('#user-metadata-current-details').locator('main');
        const text = await shown.innerText({ timeout: 2000 }).catch(() => '');
        return text.includes(saying) && text;
      }),
    /** Takes a picture of them; what lies outside of the window would be blank. */
    async pictureOfDetails(): Promise<void> {
      await page.setViewportSize({ width: 1600, height: 2000 });
      await picture(page.locator('#user-metadata-current-details'), 'dead-letter');
      await page.setViewportSize(window);
    },
    /** Sends an update by the menu. */
    async update(name: string, input?: string): Promise<void> {
      await page.getByRole('button', { name: 'More Actions' }).click();
      await page.getByTestId('update-button').locator('visible=true').click();
      const dialog = page.getByTestId('update-confirmation-modal').locator('visible=true');
      await dialog.getByTestId('update-select-button').click();
      await page.getByRole('option', { name: new RegExp(`^\\s*${name}\\b`) }).click();
      if (input !== undefined) {
        await dialog.locator('.cm-content').click();
        await page.keyboard.insertText(input);
        // It is laid out anew when it is left, and the buttons move.
        await dialog.locator('#update-id').focus();
        await picture(page, `update-${name}`);
      }
      await dialog.getByTestId('confirm-modal-button').click();
      await dialog.waitFor({ state: 'hidden' });
    },
    /** Names a codec server by the dialog. */
    async decodeBy(address: string): Promise<void> {
      await page.getByTestId(/^data-encoder-status/).click();
      await page.getByTestId('use-local-endpoint-input').click();
      await page.locator('#data-encoder-endpoint-input').fill(address);
      await page.locator('#data-encoder-settings').getByTestId('confirm-modal-button').click();
    },
    /** Sends these headers with every question, as behind a login. */
    passOn: (headers: Record<string, string>) => page.setExtraHTTPHeaders(headers),
    /** All that the page shows once it is loaded anew and was refused an answer from there. */
    async refusedBy(address: string): Promise<string> {
      const refused = Promise.race([
        page.waitForEvent('requestfailed', (request) => request.url().startsWith(address)),
        page.waitForResponse((answer) => answer.url().startsWith(address) && answer.status() >= 400),
      ]);
      await Promise.all([refused, page.reload()]);
      return page.locator('body').innerText();
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function picture(of: Page | Locator, name: string): Promise<void> {
  if (takesPictures) await of.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
}
