// Sends each chosen file by itself, with progress, and takes it out again. Without this script the files go with the form.
// MOJ’s component gives the place to drop files and the button. What it writes into the page is written anew here, as
// text: it takes the name of a file for HTML. And files go one after another, so that the server may refuse one too many.
import { MultiFileUpload } from "../govuk/moj-multi-file-upload.js";

class Files extends MultiFileUpload {
  queue = [];
  isSending = false;

  uploadFiles(files) {
    this.queue.push(...files);
    if (!this.isSending) this.sendNext();
  }

  sendNext() {
    const file = this.queue.shift();
    this.isSending = Boolean(file);
    if (file) this.uploadFile(file);
  }

  uploadFile(file) {
    const row = this.getFileRow(file);
    const message = row.querySelector(".moj-multi-file-upload__message");
    const progress = row.querySelector(".moj-multi-file-upload__progress");
    this.$feedbackContainer.querySelector(".moj-multi-file-upload__list").append(row);
    const refuse = (sentence) => {
      message.replaceChildren(text("span", "moj-multi-file-upload__error", sentence));
      this.$status.textContent = sentence;
      this.sendNext();
    };
    if (file.size > Number(this.$root.dataset.mostBytes)) {
      refuse(`${file.name} is larger than ${this.$root.dataset.mostWords}. Add a smaller copy of it, or parts of it.`);
      return;
    }
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.textContent = ` ${Math.round((event.loaded / event.total) * 100)}%`;
    });
    request.addEventListener("error", () => refuse(`${file.name} could not be sent. Check your connection, and add it again.`));
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status === 200 && answer?.success) {
        message.replaceChildren(text("span", "moj-multi-file-upload__success", answer.success.messageText));
        row.querySelector(".moj-multi-file-upload__actions").append(removal(answer.file));
        this.$status.textContent = answer.success.announced;
        this.sendNext();
      } else if (answer?.error) {
        refuse(answer.error.message);
      } else {
        refuse(`${file.name} was not taken. You may have been signed out: save what you typed, sign in, and add it again.`);
      }
    });
    const data = new FormData();
    data.append("documents", file);
    request.open("POST", this.config.uploadUrl);
    request.setRequestHeader(this.config.csrfHeaderName, this.config.csrfToken);
    request.responseType = "json";
    request.send(data);
  }

  getFileRow(file) {
    const row = text("div", "govuk-summary-list__row moj-multi-file-upload__row");
    const message = text("div", "govuk-summary-list__value moj-multi-file-upload__message");
    message.append(text("span", "moj-multi-file-upload__filename", file.name), text("span", "moj-multi-file-upload__progress", " 0%"));
    row.append(message, text("div", "govuk-summary-list__actions moj-multi-file-upload__actions"));
    return row;
  }
}

function text(tag, classes, words = "") {
  const element = document.createElement(tag);
  element.className = classes;
  element.textContent = words;
  return element;
}

function removal(file) {
  const button = text("button", "moj-multi-file-upload__delete r-link", "Remove ");
  button.type = "button";
  button.name = "remove_file";
  button.value = file.filename;
  button.append(text("span", "govuk-visually-hidden", file.originalname));
  return button;
}

for (const root of document.querySelectorAll("[data-module='moj-multi-file-upload']")) {
  const files = new Files(root, {
    hooks: {
      entryHook() {},
      exitHook() {},
      errorHook() {},
      deleteHook(upload, _, request) {
        upload.$status.textContent = `${request.response?.name || "The file"} is removed`;
        upload.$fileInput.focus();
      },
    },
  });
  // Chosen before this script came
  if (files.$fileInput?.files.length) files.onFileChange();
  root.closest("form")?.addEventListener("submit", (event) => {
    if (!files.isSending) return;
    event.preventDefault();
    files.$status.textContent = "";
    files.$status.textContent = "Files are still being sent. Wait a moment, then save.";
    files.$status.classList.remove("govuk-visually-hidden");
  });
}
