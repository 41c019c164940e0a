// A print button asks the browser to print the page it is on.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
