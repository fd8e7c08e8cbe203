// A file and not a line in the page, so that the Content-Security-Policy needs no exception.
import { initAll } from "../govuk/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
